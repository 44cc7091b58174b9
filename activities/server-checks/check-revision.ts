import type { PostgresClient } from '../../adapters/postgres/postgres';
import { readRoleName } from '../../adapters/server/role-name';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { DataState } from '../../contract/run/observed-state';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { parseTableName } from '../../contract/text/object-name';
import { findSameDrop } from '../../sql/dropped';
import { qualifiedName } from '../../sql/identifier';
import { readRevision } from '../../sql/revision';
import { readRollouts } from '../../sql/state';
import type { RolloutRow } from '../../sql/state';
import { lookAtTable } from '../environment/look-at-table';
import type { Session } from '../environment/session';
import { quoted } from '../../sql/quoted-statement';
import { dataState } from '../state/observe-state';

/** What the revision says. */
export interface RevisionCheck {
  finding: Finding;
  /** The plan's change is here already, by our own record. */
  carriesChange: boolean;
}

/** Exactly the old revision with the columns there, or exactly the new one without them and with our own record. */
export async function checkRevision(
  { client, environment }: Omit<Session, 'signal'>,
  { removes, revision, byAction }: Pick<Plan, 'removes' | 'revision' | 'byAction'>,
): Promise<RevisionCheck> {
  const { target } = environment;
  const data = await dataState({ client, environment }, { removes, ...(byAction && { byAction }) });
  const rows = await lookAtTable<RolloutRow>(client, readRollouts, [target]);
  // Without the right to look there may be a record.
  const recorded =
    'rows' in rows
      ? rows.rows.some(({ state }) => state === 'dropped') && (await isOurDrop(client, target, removes))
      : unseen(rows.because);
  const carriesChange = data === 'dropped' && recorded === true;
  if (revision === undefined) return { finding: withoutRevision(data, recorded), carriesChange };

  const { from, to, table } = revision;
  const look = await lookAtTable<{ revision: string }>(client, readRevision(revision));
  if ('because' in look) {
    const grant = `grant select, update on ${qualifiedName(parseTableName(table))} to ${await readRoleName(client)}`;
    const remedy = `correct the plan, or have a database administrator run ${quoted(grant)}`;
    const facts = { expected: from, found: `${table}: ${look.because}`, remedy };
    return { finding: finding('revision', unseen(look.because), facts), carriesChange: false };
  }
  const found = look.rows.map((row) => row.revision).join(', ') || 'no row';
  if (found === to && data === 'dropped') {
    const expected = `${from}, or ${to} by a rollout of Rubicon`;
    const facts = {
      expected,
      found: `${to}, ${recorded === true ? 'by' : 'not by'} a rollout of Rubicon`,
      remedy: foreign,
    };
    return { finding: finding('revision', recorded, facts), carriesChange };
  }
  const remedy =
    found === to
      ? `the ${wordFor({ removes })} are ${data}: the migration tool and the schema do not fit; fix that first`
      : 'bring the schema to exactly this revision, or correct the plan';
  return { finding: finding('revision', found === from, { expected: from, found, remedy }), carriesChange: false };
}

/** Columns are gone by whom ever; what else is not there may never have been: then only a drop of just that counts. */
async function isOurDrop(client: PostgresClient, target: string, removes: Plan['removes']): Promise<boolean> {
  if (!traitsOf({ removes }).needsRecordOfDrop) return true;
  return (await client.query<{ yes: boolean }>(findSameDrop, [target, JSON.stringify(removes)])).rows[0]?.yes === true;
}

const unseen = (because: string): false | 'unknown' => (because === 'no such table' ? false : 'unknown');

const foreign = 'someone else applied it: Rubicon has no record of it. Find out who; nothing was approved here';

const withoutRevision = (data: DataState, recorded: boolean | 'unknown'): Finding =>
  finding('what is removed', data !== 'dropped' || recorded, {
    expected: 'there, or dropped by a rollout of Rubicon',
    found: data,
    remedy: foreign,
  });
