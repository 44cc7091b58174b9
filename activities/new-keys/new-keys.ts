import type { PostgresClient } from '../../adapters/postgres/postgres';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import { withValues } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { replacedOf } from '../../sql/saved-values/kept-by';
import { newKeyLength } from '../../sql/saved-values/new-keys';
import { replacementFrom } from '../../sql/saved-values/proof';
import { columnsAmong } from '../catalogue/captured-columns';
import type { DroppedRecord } from '../catalogue/dropped-record';
import type { Person } from '../decisions/policy';
import type { Electorate } from '../decisions/voters';

/** Whether new keys can be drawn, and somebody is there to receive them. */
export async function checkNewKeys(
  client: PostgresClient,
  { electorate, requesters }: { electorate: Electorate | undefined; requesters: readonly string[] },
  { plan, captured }: DroppedRecord,
): Promise<Finding[]> {
  const derived = plan.proof === undefined ? undefined : replacementFrom(plan.proof, 'key');
  const short = columnsAmong(captured).filter(
    ({ type }) => Number(/\((\d+)\)$/.exec(type)?.[1] ?? newKeyLength) < newKeyLength,
  );
  const names = withValues(plan).map(shortName);
  const custodians = electorate === undefined ? [] : custodiansOf(electorate, requesters);
  const leaning = await leaningOn(client, plan);
  return [
    finding('hash of a new key', derived !== undefined, {
      expected: 'a proof that says how the replacement follows from the removed value',
      found: plan.proof ?? 'none',
      remedy: 'bring copy or backup back: no new keys can be made for this plan',
    }),
    finding('room for a new key', short.length === 0, {
      expected: `${names.join(', ')} with ${newKeyLength} characters or more`,
      found: short.map((capture) => `${shortName(capture)} ${capture.type}`).join(', ') || 'room',
      remedy: 'bring copy or backup back: new keys are too long for these columns',
    }),
    finding('what depends on the hashes', leaning.length === 0, {
      expected: 'no foreign key and no trigger of the application on the columns whose hashes change',
      found: leaning.join(', ') || 'none',
      remedy: 'other rows would still name the old hashes: have that taken away first, or bring copy or backup back',
    }),
    finding('custodians', custodians.length > 0, {
      expected:
        'copy or backup; or someone who receives new keys: a person with the custodian\'s role, a Slack id and a "recipient"',
      found: custodians.map(({ name }) => name).join(', ') || 'neither',
      remedy:
        "bring the settings' backup folder back as it was (every file is needed); only if that is impossible, name a custodian in the settings of the production worker",
    }),
  ];
}

/** Foreign keys from or to the columns that hold the hashes, and triggers that are neither ours nor the server's. */
async function leaningOn(client: PostgresClient, plan: Plan): Promise<string[]> {
  const found: string[] = [];
  for (const { schema, table, replacedBy } of replacedOf(withValues(plan))) {
    const { rows } = await client.query<{ what: string }>(
      `select format('foreign key %I on %s', k.conname, k.conrelid::regclass) as what
         from pg_constraint k join pg_attribute a on a.attname = $3
         join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and k.contype = 'f'
          and (k.conrelid = c.oid and a.attnum = any (k.conkey) or k.confrelid = c.oid and a.attnum = any (k.confkey))
       union all
       select format('trigger %I on %s', t.tgname, c.oid::regclass)
         from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = $3
        where n.nspname = $1 and c.relname = $2 and not t.tgisinternal and t.tgname !~ 'rubicon_' and t.tgenabled <> 'D'
          and a.attnum = any (t.tgattr::int2[])`,
      [schema, table, replacedBy],
    );
    found.push(...rows.map(({ what }) => what));
  }
  return found;
}

/** Those whom something can be sealed for, and who have not asked for it. */
const custodiansOf = (
  { people, policy }: Pick<Electorate, 'people' | 'policy'>,
  requesters: readonly string[],
): Person[] =>
  people.filter(
    ({ name, roles, recipient, slackId }) =>
      roles.includes(policy.custodian) &&
      recipient !== undefined &&
      slackId !== undefined &&
      !requesters.includes(name),
  );
