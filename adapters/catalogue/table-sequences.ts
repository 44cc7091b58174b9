import type { PostgresClient } from '../postgres/postgres';
import type { TableName } from '../postgres/sql-name';

/** A sequence that goes with a table, whatever the type of the column that it is for, and where it is. */
export interface SequenceState {
  /** Qualified, quoted where needed. */
  sequence: string;
  /** As text: JavaScript has no such numbers. */
  lastValue: string;
  /** False: `nextval` gives `lastValue` itself next (PostgreSQL documentation, "Sequence Manipulation Functions"). */
  isCalled: boolean;
  /** It counts upwards. */
  up: boolean;
  /** It begins again at its end; undefined in captures of earlier versions. */
  cycles?: boolean;
}

const owned = `
  select format('%I.%I', sn.nspname, s.relname) as sequence, q.seqincrement > 0 as up, q.seqcycle as cycles
    from pg_depend d
    join pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_namespace sn on sn.oid = s.relnamespace
    join pg_sequence q on q.seqrelid = s.oid
    join pg_class c on c.oid = d.refobjid
    join pg_namespace n on n.oid = c.relnamespace
   where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
     and d.refobjsubid > 0 and n.nspname = $1 and c.relname = $2
   order by 1`;

/** Those that belong to a column of the table; what belongs to none, or to another table, stays when this one goes. */
export async function readSequences(client: PostgresClient, { schema, table }: TableName): Promise<SequenceState[]> {
  type Row = Pick<SequenceState, 'sequence' | 'up' | 'cycles'>;
  const { rows } = await client.query<Row>(owned, [schema, table]);
  return withPositions(
    client,
    rows.map((row) => ({ ...row, lastValue: '', isCalled: false })),
  );
}

/** The same ones, where they are now. */
export async function withPositions(
  client: PostgresClient,
  sequences: readonly SequenceState[],
): Promise<SequenceState[]> {
  const states: SequenceState[] = [];
  for (const state of sequences) states.push({ ...state, ...(await positionOf(client, state.sequence)) });
  return states;
}

async function positionOf(
  client: PostgresClient,
  sequence: string,
): Promise<Pick<SequenceState, 'lastValue' | 'isCalled'>> {
  const { rows } = await client.query<{ lastValue: string; isCalled: boolean }>(
    `select last_value::text as "lastValue", is_called as "isCalled" from ${sequence}`,
  );
  return rows[0] ?? { lastValue: '0', isCalled: false };
}
