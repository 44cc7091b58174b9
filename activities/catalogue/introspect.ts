import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { writtenShort } from '../../contract/text/object-name';
import { visible } from '../../contract/text/plain-text';
import type { ColumnRemoval } from '../../contract/plan/removal';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { isPlaceholder } from '../../sql/saved-values/placeholder';
import { isSet } from '../../sql/saved-values/same-bytes';
import { proofSql } from '../../sql/saved-values/proof';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { lookAround, type Surroundings } from './introspect-around';

/** What a database says of columns that are to go, as far as it can: the beginning of a plan. */
export interface Introspected extends Surroundings {
  columns: {
    /** `schema.table.column`, without `public`. */
    column: string;
    type: string;
    /** A column whose values follow from these, in every row that was looked at. */
    replacedBy?: string;
    primaryKey: string[];
    /** Of the replacement: what looks rows up by it. */
    index?: string;
  }[];
  /** That holds for all of them. */
  proof?: string;
}

/** Ways in which a column usually stands for another one; the first that holds is taken. */
const proofs = [
  `replacement = encode(sha256(convert_to(removed, 'UTF8')), 'hex')`,
  `replacement = encode(sha512(convert_to(removed, 'UTF8')), 'hex')`,
  `replacement = md5(removed)`,
  'replacement = lower(removed)',
  'replacement = removed',
];

const sampleRows = 1_000;

/** Reads only. Every column that is not there is named. */
export function introspect(
  environment: Environment,
  removals: readonly ColumnRemoval[],
): Promise<Introspected | { faults: string[] }> {
  return withDatabase(environment, 'plan new', async (client) => {
    const looks = [];
    for (const removal of removals) looks.push(await lookAt(client, removal));
    const faults = looks.flatMap((look) => ('fault' in look ? [look.fault] : []));
    if (faults.length > 0) return { faults };
    const columns = looks.flatMap((look) => ('fault' in look ? [] : [look]));
    const [first] = columns;
    // One proof speaks of all columns, or each is kept by its row.
    const proof = first !== undefined && columns.every((each) => each.proof === first.proof) ? first.proof : undefined;
    return {
      columns: columns.map(({ proof: _, replacedBy, index, ...each }) =>
        proof === undefined
          ? each
          : { ...each, ...(replacedBy !== undefined && { replacedBy }), ...(index !== undefined && { index }) },
      ),
      ...(proof !== undefined && { proof }),
      ...(await lookAround({ client, environment })),
    };
  });
}

type Looked = Introspected['columns'][number] & { proof?: string };

async function lookAt(client: PostgresClient, removal: ColumnRemoval): Promise<Looked | { fault: string }> {
  const { schema, table, column } = removal;
  const name = writtenShort(removal);
  const capture = await captureColumn(client, removal, column);
  if (capture === undefined) return { fault: `expected a column ${visible(name)} in staging, found none` };
  const { rows } = await client.query<{ name: string; type: string; key: number | null }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
            array_position(i.indkey::int2[], a.attnum)::int as key
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [schema, table],
  );
  const primaryKey = rows
    .filter(({ key }) => key !== null)
    .sort((a, b) => (a.key ?? 0) - (b.key ?? 0))
    .map((each) => each.name);
  const isText = (type: string): boolean => /^(text|character)/.test(type);
  // Those that are named after it come first: two columns can hold the same by chance.
  const candidates = rows
    .filter((each) => each.name !== column && isText(each.type) && isText(capture.type))
    .map((each) => each.name)
    .sort((a, b) => Number(b.startsWith(column)) - Number(a.startsWith(column)));
  const base = { column: name, type: capture.type, primaryKey };
  for (const replacedBy of candidates) {
    const proof = await provenBy(client, removal, replacedBy);
    if (proof === undefined) continue;
    const index = await indexOn(client, removal, replacedBy);
    return { ...base, replacedBy, proof, ...(index !== undefined && { index }) };
  }
  return base;
}

/** The first way that holds for every row that was looked at, if there are any. */
async function provenBy(
  client: PostgresClient,
  removal: ColumnRemoval,
  replacement: string,
): Promise<string | undefined> {
  const value = quoteIdentifier(removal.column);
  const both = `${isSet(value)} and not ${isPlaceholder(value)} and ${isSet(quoteIdentifier(replacement))}`;
  const columns = { removed: removal.column, replacement };
  const held = proofs.map((proof, at) => `count(*) filter (where ${proofSql(proof, columns)})::int as p${at}`);
  const { rows } = await client.query<Record<string, number>>(
    `select count(*)::int as all, ${held.join(', ')} from (select * from ${qualifiedName(removal)} where ${both} limit ${sampleRows}) as sample`,
  );
  const [counts = {}] = rows;
  const all = counts['all'] ?? 0;
  return all === 0 ? undefined : proofs.find((_, at) => counts[`p${at}`] === all);
}

async function indexOn(client: PostgresClient, removal: ColumnRemoval, column: string): Promise<string | undefined> {
  const capture = await captureColumn(client, removal, column);
  return capture?.indexes.find(({ columns, valid }) => valid && columns[0] === column)?.name;
}
