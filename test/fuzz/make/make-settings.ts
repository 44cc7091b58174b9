import { commentText } from './make-tables';
import { roles, type Column, type Making, type Table } from './making';
import { quoted } from './names';

/** What stands beside a table and its columns: comments, rights, policies, statistics, storage. */

export function makeComments(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  if (draw.chance(0.4))
    making.say({
      feature: 'comment on a table',
      at: 'comments',
      sql: `comment on table ${table.sql} is ${commentText(making)}`,
      needs: [table.id],
    });
  for (const column of draw.some(table.columns, 1).concat(about ?? [])) {
    const sql = `comment on column ${table.sql}.${quoted(column.name)} is ${commentText(making)}`;
    if (draw.chance(0.6))
      making.say({ feature: 'comment on a column', at: 'comments', sql, needs: [table.id, column.id] });
  }
}

/** By the owner, with grant option, and passed on by who has it; on tables and on columns. */
export function makeRights(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const [reader, writer, grantee] = roles.others.map(quoted);
  const own = (feature: string, sql: string, needs: string[] = []): string =>
    making.say({ feature, at: 'rights', sql, as: table.owner, needs: [table.id, ...needs] });
  if (draw.chance(0.4))
    own(
      'right on a table',
      `grant ${draw.pick(['select', 'insert, update', 'all'])} on ${table.sql} to ${draw.pick([reader, writer, 'public'])}`,
    );
  const column = about ?? (table.columns.length > 0 ? draw.pick(table.columns) : undefined);
  if (column !== undefined && draw.chance(0.25))
    own(
      'right on a column',
      `grant select (${quoted(column.name)}), update (${quoted(column.name)}) on ${table.sql} to ${reader}`,
      [column.id],
    );
  if (draw.chance(0.2)) {
    const use = making.add({
      id: `grantee in ${table.schema}`,
      needs: table.schema === 'public' ? [] : [`schema ${table.schema}`],
      statements: [{ at: 'schemas', sql: `grant usage on schema ${quoted(table.schema)} to ${grantee}` }],
    });
    const of = about !== undefined && draw.chance(0.5) ? ` (${quoted(about.name)})` : '';
    const needs = of === '' ? [use] : [use, about?.id ?? ''];
    const first = own(
      'right with grant option',
      `grant select${of} on ${table.sql} to ${grantee} with grant option`,
      needs,
    );
    making.say({
      ...{ feature: 'right granted on by a grantee', at: 'rights', as: roles.others[2], needs: [first] },
      sql: `grant select${of} on ${table.sql} to ${writer}`,
    });
  }
  if (draw.chance(0.08))
    own('right revoked from the owner', `revoke truncate on ${table.sql} from ${quoted(table.owner)}`);
}

export function makeDefaultPrivileges(making: Making): void {
  const { draw } = making;
  const owner = draw.pick(roles.owners);
  const schema = draw.chance(0.5) ? ' in schema public' : '';
  const what = draw.pick(['select on tables', 'usage on sequences', 'execute on functions', 'insert on tables']);
  making.say({
    ...{ feature: 'default privileges', at: 'defaults' },
    sql: `alter default privileges for role ${quoted(owner)}${schema} grant ${what} to ${quoted(draw.pick(roles.others))}`,
  });
}

export function makePolicies(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const column = about ?? (table.key[0] === undefined ? table.columns[0] : table.key[0]);
  if (column === undefined) return;
  const command = draw.pick(['', ' for select', ' for update']);
  const kind = draw.chance(0.3) ? ' as restrictive' : '';
  const name = quoted(making.name());
  const id = making.say({
    feature: [`policy`, ...(about ? ['policy on the column'] : []), ...(kind ? ['restrictive policy'] : [])],
    ...{ at: 'policies', as: table.owner, needs: [table.id, column.id] },
    sql: `create policy ${name} on ${table.sql}${kind}${command} to ${draw.pick([...roles.others.map(quoted), 'public'])} using (${quoted(column.name)} is not null)`,
  });
  if (draw.chance(0.7))
    making.say({
      feature: 'row security',
      at: 'policies',
      as: table.owner,
      sql: `alter table ${table.sql} enable row level security`,
      needs: [table.id],
    });
  if (draw.chance(0.3))
    making.say({
      feature: 'row security, forced',
      at: 'policies',
      as: table.owner,
      sql: `alter table ${table.sql} force row level security`,
      needs: [table.id],
    });
  if (draw.chance(0.3))
    making.say({
      feature: 'comment on a policy',
      at: 'comments',
      sql: `comment on policy ${name} on ${table.sql} is ${commentText(making)}`,
      needs: [id],
    });
}

export function makeStatistics(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const plain = table.columns.filter(
    ({ type, generated }) => type.indexes.includes('btree') && !generated && type.server === undefined,
  );
  const [first, second] = [about ?? plain[0], plain.find((each) => each !== (about ?? plain[0]))];
  if (first === undefined || second === undefined || !first.type.indexes.includes('btree')) return;
  const name = `${quoted(table.schema)}.${quoted(making.name())}`;
  const id = making.say({
    feature: about ? ['extended statistics', 'statistics on the column'] : 'extended statistics',
    ...{ at: 'statistics', as: table.owner, needs: [table.id, first.id, second.id], server: first.type.server },
    sql: `create statistics ${name} ${draw.pick(['', '(ndistinct)', '(dependencies, mcv)'])} on ${quoted(first.name)}, ${quoted(second.name)} from ${table.sql}`,
  });
  if (draw.chance(0.3))
    making.say({
      feature: 'target of extended statistics',
      at: 'settings',
      sql: `alter statistics ${name} set statistics 77`,
      needs: [id],
      server: first.type.server,
    });
}

/** Storage, statistics targets, options. */
export function makeStorage(making: Making, table: Table, about?: Column): void {
  const { draw } = making;
  const alter = (feature: string, sql: string, needs: string[] = []): string =>
    making.say({ feature, at: 'settings', sql: `alter table ${table.sql} ${sql}`, needs: [table.id, ...needs] });
  if (draw.chance(0.2) && table.kind !== 'partitioned')
    alter(
      'storage option of a table',
      draw.pick(['set (fillfactor = 60, autovacuum_enabled = off)', 'set (toast.autovacuum_enabled = off)']),
    );
  const column = about ?? (table.columns.length > 0 ? draw.pick(table.columns) : undefined);
  if (column !== undefined && !(column.generated && column.isIndexed)) {
    const name = quoted(column.name);
    if (draw.chance(0.2))
      alter('statistics target of a column', `alter ${name} set statistics ${draw.pick([0, 500, 10000])}`, [column.id]);
    if (draw.chance(0.15)) alter('option of a column', `alter ${name} set (n_distinct = -0.5)`, [column.id]);
    if (draw.chance(0.2) && ['text', 'bytea', 'jsonb', 'citext', 'text[]'].includes(column.type.name))
      alter('storage of a column', `alter ${name} set storage ${draw.pick(['external', 'main', 'plain'])}`, [
        column.id,
      ]);
  }
  if (draw.chance(0.08)) alter('replica identity, full', 'replica identity full');
  if (draw.chance(0.08) && table.kind === 'plain') alter('tablespace of a table', 'set tablespace fuzz_space');
}
