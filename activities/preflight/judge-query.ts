import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { QueryTiming } from '../../adapters/postgres/queries';
import {
  nodesOf,
  planText,
  scannedSize,
  type PlanNode,
  type QueryPlans,
  type SeenPlan,
} from '../../adapters/server/query-plans';
import type { Query } from '../../contract/plan/evidence';
import { finding, type Finding } from '../../contract/run/findings';
import { counted, thousands } from '../../contract/text/plain-text';
import type { Baseline } from '../../contract/run/samples';
import type { RemovedIndex } from './removed-indexes';

/** From here on a table is large: read whole it costs tens of milliseconds and evicts others' pages. 8 MB. */
const largePages = 1_000;
/** Or of so many rows by the planner's estimate. */
const largeRows = 10_000;

/** The runbook's alert: 500 ms, where 200 ms are usual. So a query may take 2.5 times what it took before, and always this. */
const slowMs = 500;
const slowerThanBefore = 2.5;

/** Plans that the report shows of one query. */
const mostPlans = 5;

/** What was seen of one query, and what it is judged by. */
export interface Looked extends QueryPlans {
  /** How many were sampled. */
  values: number;
  /** Runs the query with each of them: not where a plan says already that it reads a large table whole; twice where it is slow. */
  time: () => Promise<QueryTiming>;
  beingRemoved: readonly RemovedIndex[];
  /** What was measured at the start of the rollout; undefined: nothing, or not yet. */
  before: Baseline['queries'][number] | undefined;
}

/**
 * The verdict over all plans that were seen. In the way: a large table that is read whole, an index that goes with the removed column, and
 * slowness. Which index is taken is told and stops nothing: for some values another one is rightly taken.
 */
export async function judgeQuery(client: PostgresClient, query: Query, looked: Looked): Promise<Finding[]> {
  const { custom, generic, values, time, beingRemoved, before } = looked;
  const { name, sample } = query;
  const limitMs = Math.max(slowMs, slowerThanBefore * (before?.p95Ms ?? 0));
  const expected = `no table of more than ${thousands(largePages)} pages or ${thousands(largeRows)} rows read whole, no index to be removed, p95 up to ${limitMs} ms, for real values`;
  const all = plansThatServe(custom, generic);
  const plans = all.slice(0, mostPlans).map((each) => ({ of: whose(each.values), text: planText(each.plan) }));
  if (values === 0)
    return [
      finding(`query "${name}"`, 'unknown', {
        ...{ expected, found: `${sample} holds no value`, plans },
        remedy: `there is no value to ask for: deploy the release that writes ${sample}`,
      }),
    ];
  const scanned = await scans(client, all);
  const timing = scanned.length === 0 ? await fairTiming(time, limitMs) : undefined;
  const faults = [
    ...scanned,
    ...leanings(all, beingRemoved),
    ...((timing?.p95Ms ?? 0) > limitMs ? [tooSlow(timing)] : []),
  ];
  const measured = `${counted(values, 'value')}, ${timing === undefined ? 'not run' : `p95 ${timing.p95Ms ?? '?'} ms`}`;
  return [
    finding(`query "${name}"`, faults.length === 0, {
      expected,
      found: [...faults.map(({ found }) => found), measured].join('; '),
      remedy: faults.map(({ remedy }) => remedy).join('; '),
      plans,
      ...(timing && { evidence: timing }),
    }),
    await indexFinding(client, query, all),
  ];
}

/**
 * What is slow is slow twice. Of fewer than 20 values the p95 is the slowest one, so that a single hiccup of the server
 * would decide about a rollout.
 */
async function fairTiming(time: Looked['time'], limitMs: number): Promise<QueryTiming> {
  const first = await time();
  if ((first.p95Ms ?? 0) <= limitMs) return first;
  const second = await time();
  return (second.p95Ms ?? 0) < (first.p95Ms ?? 0) ? second : first;
}

/** The server takes the generic plan where it is no dearer than the others have been. */
function plansThatServe(custom: readonly SeenPlan[], generic: SeenPlan): SeenPlan[] {
  const values = custom.reduce((sum, each) => sum + each.values, 0);
  const cost = custom.reduce((sum, each) => sum + each.cost * each.values, 0) / values;
  return values > 0 && generic.cost > cost ? [...custom] : [...custom, generic];
}

const whose = (values: number): string => (values === 0 ? 'any value, prepared' : counted(values, 'value'));

interface Fault {
  found: string;
  remedy: string;
}

async function scans(client: PostgresClient, all: readonly SeenPlan[]): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const { plan, values } of all) {
    const { pages, rows } = await scannedSize(client, plan);
    if (pages <= largePages && rows <= largeRows) continue;
    const tables = [...new Set(nodesOf(plan).flatMap((each) => (each.node === 'Seq Scan' ? [tableOf(each)] : [])))];
    faults.push({
      found: `for ${whose(values)} it reads ${tables.join(', ')} whole (${thousands(Math.round(pages))} pages, about ${thousands(Math.round(rows))} rows)`,
      remedy: `have an index made that serves its condition ("create index concurrently"), or have the release send another query; if the index is there, the plans in the report say what the server takes instead`,
    });
  }
  return faults;
}

const tableOf = ({ relation }: PlanNode): string => relation?.table ?? 'a table';

function leanings(all: readonly SeenPlan[], beingRemoved: readonly RemovedIndex[]): Fault[] {
  const used = all.flatMap(({ plan }) => nodesOf(plan));
  return beingRemoved
    .filter(({ schema, name }) => used.some(({ index, relation }) => index === name && relation?.schema === schema))
    .map(({ name, column }) =>
      column === undefined
        ? {
            found: `it uses ${name}, which this plan removes`,
            remedy: `leave ${name} out of the plan, or have an index made that the server takes instead`,
          }
        : {
            found: `it uses ${name}, which goes with ${column}`,
            remedy: `have an index made that does not name ${column} ("create index concurrently"), before ${name} goes`,
          },
    );
}

const tooSlow = (timing: QueryTiming | undefined): Fault => ({
  found: `too slow (up to ${timing?.maxMs ?? '?'} ms)`,
  remedy: 'look at the plans in the report, and try again when the server is less busy',
});

/** Told, whatever it says: small tables are read whole, and some values are found faster by another index. */
async function indexFinding(
  client: PostgresClient,
  { name, index }: Query,
  all: readonly SeenPlan[],
): Promise<Finding> {
  const uses = ({ plan }: SeenPlan): boolean => nodesOf(plan).some((each) => each.index === index);
  const others = all.filter((each) => !uses(each));
  const facts = { check: `index of query "${name}"`, expected: `${index} for each value` };
  if (others.length === 0) return { ...facts, status: 'passed', found: 'used for each value' };
  const taken = [...new Set(others.flatMap(({ plan }) => nodesOf(plan).flatMap((each) => each.index ?? [])))];
  const scansOnly = taken.length === 0;
  const values = others.reduce((sum, each) => sum + each.values, 0);
  const found = `not for ${whose(values)}: ${scansOnly ? 'the table is read whole' : `${taken.join(', ')} instead`}`;
  const isSmall = scansOnly && (await scans(client, others)).length === 0;
  if (isSmall) return { ...facts, status: 'passed', found: `${found}, which is cheaper in a small one` };
  return { ...facts, status: 'not covered', found, remedy: 'nothing to do, unless the query itself is in the way' };
}
