import { openTally } from './coverage';
import { makeCase, type Case } from './make/make-case';
import { namesNone } from './pass-preflight';
import type { Fault } from './carried';
import { planText } from './make/plan-text';
import { runCase, type CaseOrder, type Verdict } from './run-case';
import { scriptOf } from './make/script';
import { fits, type FuzzServer } from './server';
import { shrink } from './shrink';

/** Many cases, one seed each. */
export interface CasesOrder {
  seeds: readonly number[];
  /** One in so many has its backup restored into a throw-away server. */
  provenEvery: number;
  /** How many at once. */
  jobs: number;
  /** Whether the first fault of each kind is made as small as it gets; takes up to five minutes each. */
  shrinks: boolean;
  say: (line: string) => void;
}

/** What has failed, by its seed. */
export type Failed = { seed: number } & (Fault | Extract<Verdict, { outcome: 'not made' }>);

/** Runs them all, and tells of each; the summary comes last. */
export async function runCases(server: FuzzServer, order: CasesOrder): Promise<Failed[]> {
  const { seeds, provenEvery, jobs, shrinks, say } = order;
  const left = [...seeds];
  const tally = openTally();
  const failed: Failed[] = [];
  const shown = new Set<string>();
  const one = async (seed: number): Promise<void> => {
    const startedAt = Date.now();
    const made = makeCase(seed);
    const of = orderOf(server, made, seed % provenEvery === 0);
    const verdict: Verdict =
      planText(made, of.parts) === undefined
        ? { outcome: 'not on this server', remedied: [] }
        : await runCase(server, made, of);
    tally.add(of.parts, made.kind, verdict);
    say(`seed ${seed} (${made.kind}): ${wordsOf(verdict)} (${Date.now() - startedAt} ms)`);
    if (verdict.outcome !== 'fault' && verdict.outcome !== 'not made') return;
    failed.push({ seed, ...verdict });
    say(verdict.text.slice(0, 3_000));
    const isPlain = verdict.outcome === 'not made' || verdict.kind.endsWith(namesNone); // the text says it all
    if (!shrinks || isPlain || shown.has(verdict.kind)) return;
    shown.add(verdict.kind); // one example a kind is enough
    say(await smallest(server, made, of, verdict));
  };
  const inTurn = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) await one(seed);
  };
  await Promise.all(Array.from({ length: jobs }, inTurn));
  for (const line of tally.lines()) say(line);
  return failed;
}

/** A case as this server can have it. */
export const orderOf = (server: FuzzServer, made: Case, isProven = false): CaseOrder => ({
  parts: made.parts.filter((part) => fits(server, part.server)),
  isProven,
});

/** What came of it, in words. */
export function wordsOf(verdict: Verdict): string {
  const after = verdict.remedied.length === 0 ? '' : ` after the remedies of ${verdict.remedied.join(', ')}`;
  if (verdict.outcome === 'fault') return verdict.kind + after;
  return (verdict.outcome === 'beyond' ? `beyond this plan: ${verdict.finding}` : verdict.outcome) + after;
}

async function smallest(server: FuzzServer, from: Case, order: CaseOrder, fault: Fault): Promise<string> {
  const { made, order: small } = await shrink(server, { made: from, order }, fault);
  const again = await runCase(server, made, small);
  return [
    `--- seed ${made.seed}, the smallest that shows it: ${fault.kind}`,
    scriptOf(made, small.parts),
    'text' in again
      ? again.text.slice(0, 3_000)
      : '-- which ended well when it was run once more: it does not fail each time',
    '---',
  ].join('\n');
}
