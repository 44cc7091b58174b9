import type { LogLine } from '../../adapters/log/line';
import { matches } from '../../adapters/log/rules';
import type { Matcher } from '../../contract/plan/evidence';
import type { Environment } from '../environment/environment';
import { findCallId } from '../environment/call-id';
import { markOf, rememberedCalls } from './remembered-calls';

/** By what a line of ours is known. */
export interface OwnCalls {
  /** The key of the probes: ids of our calls follow from it. */
  secret: string;
  /** `markOf` of what was ever asked for. */
  remembered: ReadonlySet<string>;
}

export const ownCallsOf = async (environment: Environment): Promise<OwnCalls> => ({
  secret: environment.application.probeKey,
  remembered: await rememberedCalls(environment),
});

/** What a line says of whose call it belongs to. */
export interface Whose {
  /** The id of ours that it has. */
  id: string | undefined;
  /** In which field; `''` without one. */
  field: string;
}

/** An id of ours in any field of a line, also in one of an object in it. */
export function whoseLine({ fields }: Pick<LogLine, 'fields'>, secret: string): Whose {
  for (const [field, text] of textsOf(fields)) {
    const id = findCallId(text, secret);
    if (id !== undefined) return { id, field };
  }
  return { id: undefined, field: '' };
}

function textsOf(value: unknown, name = '', depth = 0): [string, string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value !== 'object' || value === null || depth > 2) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, `${name}.${key}`, depth + 1));
}

/**
 * Tells lines that our own refused calls left from those of real clients. A line of the canary's event is ours if it has an id
 * of ours: so the calls of another rollout, of aftercare, of an attempt whose worker died are ours too, whatever has
 * become of the row that they asked for. Where it says of no call whose it is, it is ours if one of its fields holds the
 * path or the row of a refused call that was ever made from here. Where the log names neither, only the number
 * of calls is known, and at most so many lines are ours.
 *
 * What this hides, where the log shows no id: a real client who is refused at the very row that the canary asks for.
 */
export function followSelfGeneratedLines({ event }: { event: string }, { secret, remembered }: OwnCalls) {
  const ofEvent: { line: LogLine; id: string | undefined }[] = [];
  const idFields = new Set<string>();

  /** By another id in a field that shows ours. */
  const isForeign = (line: LogLine): boolean =>
    textsOf(line.fields).some(([name, text]) => idFields.has(name) && text !== '');
  const isRemembered = (line: LogLine): boolean =>
    textsOf(line.fields).some(([, text]) => remembered.has(markOf(text)));
  const isOurs = ({ line, id }: (typeof ofEvent)[number]): boolean =>
    id !== undefined || (!isForeign(line) && isRemembered(line));

  return {
    /** Takes each line of the window. */
    see(line: LogLine): void {
      if (line.event !== event || ofEvent.length >= mostLines) return;
      const { id, field } = whoseLine(line, secret);
      if (id !== undefined) idFields.add(field);
      ofEvent.push({ line, id });
    },
    /** Whether the log shows as many refused calls as were made. */
    seen(calls: number): boolean {
      const own = ofEvent.filter(isOurs).length;
      return (own > 0 ? own : ofEvent.length) >= calls;
    },
    /** How many of the lines that `match` means are ours. */
    among(match: Matcher, calls: number): number {
      const meant = ofEvent.filter(({ line }) => matches(line, match));
      return ofEvent.some(isOurs) ? meant.filter(isOurs).length : Math.min(meant.length, calls);
    },
  };
}

/** Far more than a window that anybody would call green. */
const mostLines = 10_000;
