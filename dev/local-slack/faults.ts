/**
 * What can go wrong between us and Slack:
 * - `slow`: the call is carried out after a while; `rate-limited`, `http-500`: it is not carried out.
 * - `reset`: the connection is cut before the call is carried out; `lost-answer`: after it.
 * - `late`: the connection is cut, and the call is carried out a while later.
 */
export type LocalFault = (
  | { readonly kind: 'slow' | 'late'; readonly delayMs: number }
  | { readonly kind: 'rate-limited'; readonly retryAfterS: number }
  | { readonly kind: 'http-500' | 'reset' | 'lost-answer' }
) & {
  /** Only for these Web API methods; default all. */
  readonly methods?: readonly string[];
  /** For so many calls; default until cleared. */
  readonly times?: number;
};

/** The faults that are switched on; each call meets the first one that fits. */
export function openFaults() {
  let armed: { readonly fault: LocalFault; left: number }[] = [];
  let fired = 0;
  return {
    inject(fault: LocalFault) {
      armed.push({ fault, left: fault.times ?? Infinity });
    },
    clear() {
      armed = [];
    },
    /** How many calls met a fault since the start: tells a test that its fault was really there. */
    fired: () => fired,
    take(method: string): LocalFault | undefined {
      const entry = armed.find(({ fault, left }) => left > 0 && (fault.methods?.includes(method) ?? true));
      if (entry === undefined) return undefined;
      entry.left -= 1;
      fired += 1;
      return entry.fault;
    },
  };
}

const kinds = ['slow', 'late', 'rate-limited', 'http-500', 'reset', 'lost-answer'];

/** A fault that came as JSON; throws with what was expected. */
export function parseFault(json: unknown): LocalFault {
  const fault = (json ?? {}) as Record<string, unknown>;
  const needs = { slow: 'delayMs', late: 'delayMs', 'rate-limited': 'retryAfterS' }[String(fault['kind'])];
  if (!kinds.includes(String(fault['kind']))) throw new Error(`expected "kind" to be one of ${kinds.join(', ')}`);
  if (needs !== undefined && typeof fault[needs] !== 'number') throw new Error(`expected a number in "${needs}"`);
  return fault as LocalFault;
}
