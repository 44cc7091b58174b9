import type { PostgresClient } from '../../adapters/postgres/postgres';
import { takenAway, type ObjectAddress } from '../../adapters/catalogue/taken-away';
import { quoted } from '../../sql/quoted-statement';
import { beyondThisPlan, byStatements, type Remedy } from '../environment/remedies';

/** Something that leans on what a plan removes, as the adapters find it. */
interface Leaning {
  kind: string;
  name: string;
  object?: ObjectAddress | null | undefined;
  sql?: string[] | null | undefined;
}

/**
 * What to do about something that leans on what goes: statements that take it out of the way, with whatever uses it, and
 * nothing else. A definition without the column only a person can write, so that what has to be made again is said in words.
 */
export async function dependentRemedy(client: PostgresClient, leaning: Leaning): Promise<Remedy> {
  const { kind, name, object, sql } = leaning;
  const own = remedyOf[kind]?.(name);
  if (own !== undefined) return own;
  const away = object == null ? undefined : await takenAway(client, object);
  if (object != null && away === undefined)
    return beyondThisPlan(
      'no statement takes it away without what others need, or too much uses it; have that done by a migration of your own',
    );
  if (away?.extension != null)
    return beyondThisPlan(
      `it belongs to the extension ${away.extension}, or something that does uses it; have the extension updated or removed`,
    );
  const statements = [...(away?.sql ?? []), ...(sql ?? [])];
  if (statements.length === 0) return beyondThisPlan('have it do without what is removed first');
  const others = away?.others ?? [];
  const used =
    others.length === 0
      ? []
      : [
          `${others.join(', ')} ${others.length === 1 ? 'uses' : 'use'} it, so that without it no one has ${others.length === 1 ? 'that' : 'these'} either`,
        ];
  const words = statements[0]?.startsWith('alter policy ')
    ? restrictive
    : (lost[kind] ?? 'create it again without what is removed if someone needs it');
  return byStatements(statements, [...used, words].filter((each) => each !== '').join('; '));
}

/** A policy that restricts may be all that keeps rows from people. */
const restrictive =
  'it restricts who reaches rows: write its condition again without what is removed, in place of "false", which as it stands lets no one through; without the policy more people would get through than before';

/** What people have to know before they run it. */
const lost: Record<string, string> = {
  view: 'create it again without what is removed if someone needs it: its rights and comments go with it',
  'materialized view':
    'create it again without what is removed if someone needs it: its indexes, rights and comments go with it',
  trigger: 'create it again so that columns, condition and arguments do without, if someone needs it',
  policy: 'whom it lets through reaches these rows no more: create another without what is removed',
  'generated column': 'it keeps what is in it, and no one fills it any more',
  'default value': '',
  function: 'or replace it by one that does without what is removed',
  'not null': '',
  'foreign key': 'no one needs it on a table to be removed',
  'table constraint': 'add it again without what is removed if someone needs it',
  'child table': 'it keeps its rows, and is a table of its own from then on',
  partition: 'it keeps its rows, and is a table of its own from then on; attach it again afterwards if it stays',
  'parent table': 'it keeps its rows, and they are no more seen in that one',
  'inherited column':
    'it keeps its rows, and is a table of its own from then on; or name the column of the parent table in the plan',
  'security label': '',
  column: 'its values stay, as text',
};

/** Where it is not for this server's catalogue alone. */
const remedyOf: Record<string, (name: string) => Remedy> = {
  subscription: (name) => ({
    remedy: `take the table out of the publication on its publisher ("alter publication" there), then run ${quoted(`alter subscription ${name} refresh publication`)} here; or ${quoted(`drop subscription ${name}`)}, then start the rollout again`,
  }),
  'partition key': () => beyondThisPlan('such a table has to be built again with another key'),
  'partitioned table': () => beyondThisPlan('detach its partitions, and name them one by one in a plan'),
};
