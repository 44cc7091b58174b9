import { digestOf } from '../../contract/text/digest';
import { findingLine, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { preflight, type Journey } from './journey';
import { besides, kindOf, readRemedy, withPrimaryKey } from './remedy';
import type { Carried, Fault } from './carried';
import { takeSnapshot } from './snapshot';

/** The end of the kind of such a fault. */
export const namesNone = 'names no statement';

/** More obstacles than a case has. */
const mostRemedies = 20;

/**
 * Executes the remedy of each obstacle, one after the other, until preflight lets the plan pass. Each has to be gone then,
 * and nothing else changed. Undefined: it passes. The plan of the journey may be another one afterwards.
 */
export async function passPreflight(
  { server, database, client, told }: Carried,
  journey: Journey,
): Promise<Fault | { outcome: 'beyond'; finding: string } | undefined> {
  let before: Finding[] = [];
  for (let tries = 0; tries <= mostRemedies; tries += 1) {
    const all = await preflight(journey);
    const found = [...obstacles(all), ...followed(all)];
    const last = before[0];
    const isLeft = last !== undefined && found.some((each) => each.check === last.check && each.found === last.found);
    if (isLeft) return remedyFault(last, 'helps nothing', 'the same finding is still there');
    const added = found.filter(({ check }) => tries > 0 && !before.some((each) => each.check === check));
    if (last !== undefined && added[0] !== undefined)
      return remedyFault(last, `brings ${kindOf(added[0])}`, findingLine(added[0]));
    const [first] = found;
    if (first === undefined) return undefined;
    before = found;
    told.step = `remedy of ${first.check}`;
    const end = await remedied(first);
    if (end !== undefined) return end;
    told.remedied.push(kindOf(first));
  }
  return { outcome: 'fault', kind: 'no end of remedies', text: before.map(findingLine).join('\n') };

  async function remedied(finding: Finding): Promise<Fault | { outcome: 'beyond'; finding: string } | undefined> {
    const remedy = readRemedy(finding);
    if (remedy.is === 'beyond') return { outcome: 'beyond', finding: kindOf(finding) };
    if (remedy.is === 'none') return remedyFault(finding, namesNone, '');
    if (remedy.is === 'plan') {
      journey.plan = { ...journey.plan, removes: withPrimaryKey(journey.plan.removes, finding, remedy.primaryKey) };
      journey.planDigest = digestOf(journey.plan);
      return undefined;
    }
    const was = await takeSnapshot(server, database, client);
    try {
      await client.query('reset search_path');
      for (const sql of remedy.statements) await client.query(sql);
    } catch (error) {
      return remedyFault(finding, 'fails', error instanceof Error ? error.message : String(error));
    }
    const more = besides(remedy.statements, was, await takeSnapshot(server, database, client));
    return more.length === 0 ? undefined : remedyFault(finding, 'changes more', more.join('\n'));
  }
}

/** What may be in the way and has a statement against it: somebody who follows it does no harm. */
const followed = (all: readonly Finding[]): Finding[] =>
  all.filter(({ status, remedySql }) => status === 'possible' && remedySql !== undefined);

const remedyFault = (finding: Finding, what: string, text: string): Fault => ({
  outcome: 'fault',
  kind: `remedy of "${kindOf(finding)}" ${what}`,
  text: `${findingLine(finding)}\n${text}`,
});
