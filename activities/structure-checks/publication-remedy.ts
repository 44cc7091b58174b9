import type { Publication, PublishedTable } from '../../adapters/dependents/publications';
import { quoteIdentifier, quoteLiteral } from '../../sql/identifier';
import { quoted } from '../../sql/quoted-statement';

/** What keeps a publication as it is but for one table; or why no statement does. */
export type PublicationRemedy = { sql: string[]; also: string } | { words: string };

/** Columns that go, by the qualified name of each table that is meant. */
export type BeingRemoved = ReadonlyMap<string, readonly string[]>;

/** More would not fit into a finding. */
const mostTables = 100;

/**
 * Statements for one transaction, after which the publication has every other table as before, and of the table that is
 * meant no longer the columns that go; without `going` no longer the table. Subscribers know a publication by its name, so
 * one that is made again in one transaction goes on for them.
 *
 * Never `alter publication … set table`: it takes all other tables out.
 */
export function publicationRemedy(publication: Publication, beingRemoved?: BeingRemoved): PublicationRemedy {
  switch (publication.by) {
    case 'list':
      return ofList(publication, beingRemoved);
    case 'schema':
      return ofSchemas(publication, beingRemoved);
    case 'all tables':
      return ofAll(publication, beingRemoved);
  }
}

function ofList(
  { name, publishes, viaRoot, table }: Publication & { by: 'list' },
  beingRemoved?: BeingRemoved,
): PublicationRemedy {
  const out = `alter publication ${name} drop table only ${table.name}`;
  if (beingRemoved === undefined)
    return table.isItself
      ? { sql: [out], also: 'its other tables stay in it' }
      : { words: `it has the table through ${table.name}: it is no more in it once it is detached from there` };
  const without = withoutColumns(table, { publishes, viaRoot }, beingRemoved.get(table.name) ?? []);
  if ('words' in without) return without;
  return {
    sql: [...without.first, out, `alter publication ${name} add table only ${without.entry}`],
    also: ['its other tables stay in it', ...without.also].join('; '),
  };
}

function ofSchemas(
  { name, publishes, viaRoot, schemas, tables, listed }: Publication & { by: 'schema' },
  beingRemoved?: BeingRemoved,
): PublicationRemedy {
  const entries = entriesOf(tables, { publishes, viaRoot }, beingRemoved);
  if ('words' in entries) return entries;
  const listedAnew = tables.filter(({ isMeant, name: table }) => isMeant && listed.includes(table));
  const added = entries.list.filter(({ table }) => table.isMeant || !listed.includes(table.name));
  return {
    sql: [
      ...entries.first,
      `alter publication ${name} drop tables in schema ${schemas.join(', ')}`,
      ...listedAnew.map((table) => `alter publication ${name} drop table only ${table.name}`),
      ...(added.length === 0 ? [] : [`alter publication ${name} add table ${only(added)}`]),
    ],
    also: [
      `it then lists its tables: new ones of ${schemas.join(', ')} have to be added by hand`,
      ...entries.also,
    ].join('; '),
  };
}

function ofAll(
  { name, owner, comment, publishes, viaRoot, tables }: Publication & { by: 'all tables' },
  beingRemoved?: BeingRemoved,
): PublicationRemedy {
  const entries = entriesOf(tables, { publishes, viaRoot }, beingRemoved);
  if ('words' in entries) return entries;
  const options = `publish = ${quoteLiteral(publishes)}, publish_via_partition_root = ${viaRoot}`;
  const of = entries.list.length === 0 ? '' : ` for table ${only(entries.list)}`;
  return {
    sql: [
      ...entries.first,
      `drop publication ${name}`,
      `create publication ${name}${of} with (${options})`,
      `alter publication ${name} owner to ${owner}`,
      ...(comment === null ? [] : [`comment on publication ${name} is ${quoteLiteral(comment)}`]),
    ],
    also: ['it then lists its tables: new ones have to be added by hand', ...entries.also].join('; '),
  };
}

interface Entry {
  table: PublishedTable;
  text: string;
}

const only = (entries: readonly Entry[]): string => entries.map(({ text }) => `only ${text}`).join(', ');

/** All tables of it as a list: the meant one without what goes, or left out. */
function entriesOf(
  tables: readonly PublishedTable[],
  { publishes, viaRoot }: Pick<Publication, 'publishes' | 'viaRoot'>,
  beingRemoved?: BeingRemoved,
): { list: Entry[]; first: string[]; also: string[] } | { words: string } {
  if (tables.length > mostTables) return { words: byHand(tables.length, beingRemoved) };
  const list: Entry[] = [];
  const [first, also]: [string[], string[]] = [[], []];
  for (const table of tables) {
    if (!table.isMeant || (beingRemoved === undefined && !table.isItself)) list.push({ table, text: table.name });
    else if (beingRemoved !== undefined) {
      const without = withoutColumns(table, { publishes, viaRoot }, beingRemoved.get(table.name) ?? []);
      if ('words' in without) return without;
      list.push({ table, text: without.entry });
      first.push(...without.first);
      also.push(...without.also);
    }
  }
  return { list, first, also };
}

const byHand = (count: number, beingRemoved?: BeingRemoved): string =>
  `in one transaction have it list its ${count} tables (pg_publication_tables names them) instead of all that there are, ` +
  `${beingRemoved === undefined ? 'without this one' : 'this one with a list of columns'}: "alter publication … drop tables in schema …" and "add table …"; ` +
  'one that is for all tables has to be dropped and created again under its name';

/** A publication that publishes updates or deletions needs the columns by which subscribers find a row. */
function withoutColumns(
  table: PublishedTable,
  { publishes, viaRoot }: Pick<Publication, 'publishes' | 'viaRoot'>,
  beingRemoved: readonly string[],
): { entry: string; first: string[]; also: string[] } | { words: string } {
  const named = table.filterColumns.filter((column) => beingRemoved.includes(column));
  if (named.length > 0)
    return {
      words: `its row filter names ${named.join(', ')}: have the table taken out of it and added again with another filter, in one transaction`,
    };
  const columns = (table.list ?? table.columns).filter((column) => !beingRemoved.includes(column));
  const isChanging = /update|delete/.test(publishes);
  const isFull = table.identity === null && isChanging;
  const lost = (isFull ? table.key : (table.identity ?? [])).filter((column) => beingRemoved.includes(column));
  if (isChanging && lost.length > 0)
    return { words: `subscribers find rows by ${lost.join(', ')}: give the table another replica identity first` };
  if (isFull && (table.key.length === 0 || table.leaves.length > 0)) return { words: byAllColumns(table) };
  const list = `(${columns.map(quoteIdentifier).join(', ')})`;
  // Only what is published as the root can have a list of its columns; otherwise each partition has its own.
  const isByLeaves = table.leaves.length > 0 && !viaRoot;
  if (isByLeaves && table.filter !== null)
    return { words: 'list its partitions instead, each with columns and filter' };
  const entry = isByLeaves
    ? table.leaves.map((leaf) => `${leaf} ${list}`).join(', only ')
    : `${table.name} ${list}${table.filter === null ? '' : ` where (${table.filter})`}`;
  const also = isByLeaves ? ['it then lists the partitions: new ones have to be added by hand'] : [];
  if (!isFull) return { entry, first: [], also };
  return { entry, first: [`alter table only ${table.name} replica identity default`], also: [...also, byKey] };
}

const byKey =
  'its rows are then found by their primary key instead of by all columns (replica identity full), which subscribers need, too';

const byAllColumns = ({ name }: PublishedTable): string =>
  `subscribers find its rows by all columns (replica identity full), so a list of columns would refuse updates: ` +
  `have a primary key made first (a deferrable one finds no rows), then ${quoted(`alter table ${name} replica identity default`)}`;
