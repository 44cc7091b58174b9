import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { sqlstate } from '../adapters/sqlstate';
import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import type { Plan } from '../contract/plan';
import { readRevision } from '../sql/revision';
import { readRollouts } from '../sql/state';
import type { RolloutRow } from '../sql/state';
import type { Environment } from './environment';
import { dataState } from './look-at-world';

export interface RevisionCheck {
  findings: Finding[];
  carriesChange: boolean;
}

/** Exactly the old revision with the columns there, or exactly the new one without them and with our own record. */
export async function checkRevision(
  client: PostgresClient,
  { target }: Environment,
  { removes, revision }: Pick<Plan, 'removes' | 'revision'>,
): Promise<RevisionCheck> {
  const data = await dataState(client, { removes });
  const recorded = (await readRowsOf(client, target)).some(({ state }) => state === 'dropped');
  const carriesChange = data === 'dropped' && recorded;
  if (revision === undefined) return { findings: [foreign(data !== 'dropped' || recorded, data)], carriesChange };
  const found = await revisionsOf(client, revision);
  const [only] = found.length === 1 ? found : [];
  const seen = found.length === 0 ? 'no row' : found.join(', ');
  if (only === revision.to && data === 'dropped') {
    const expected = `${revision.from}, or ${revision.to} by a rollout of ours`;
    const remedy = 'somebody else applied it: there is no record of ours. Find out who; nothing was approved here';
    const facts = { expected, found: `${seen}${recorded ? ', by a rollout of ours' : ', not by us'}`, remedy };
    return { findings: [finding('revision', recorded, facts)], carriesChange };
  }
  const remedy =
    only === revision.to
      ? `the columns are ${data}: the migration tool and the schema do not fit; mend that first`
      : 'bring the schema to exactly this revision, or correct the plan';
  const facts = { expected: revision.from, found: seen, remedy };
  return { findings: [finding('revision', only === revision.from, facts)], carriesChange: false };
}

const foreign = (passed: boolean, data: string): Finding =>
  finding('removed columns', passed, {
    expected: 'there, or dropped by a rollout of ours',
    found: data,
    remedy: 'somebody else applied it: there is no record of ours. Find out who; nothing was approved here',
  });

async function revisionsOf(client: PostgresClient, revision: NonNullable<Plan['revision']>): Promise<string[]> {
  try {
    const { rows } = await client.query<{ revision: string }>(readRevision(revision));
    return rows.map((row) => row.revision);
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.undefinedTable) return [];
    throw error;
  }
}

/** Every state row of a target, the latest first; none where the schema is not installed. */
export async function readRowsOf(client: PostgresClient, target: string): Promise<RolloutRow[]> {
  try {
    return (await client.query<RolloutRow>(readRollouts, [target])).rows;
  } catch (error) {
    if (error instanceof PostgresError && error.sqlstate === sqlstate.undefinedTable) return [];
    throw error;
  }
}
