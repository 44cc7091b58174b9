import type { PostgresClient } from '../postgres/postgres';
import { withPlainNames } from '../postgres/search-path';
import { describedObject, leaningOn } from './taken-away-catalogue';

/** Where the server's catalogue has something, as in `pg_depend` (PostgreSQL documentation). */
export interface ObjectAddress {
  /** `oid` of the catalogue that it is in. */
  classid: string;
  /** Its `oid`; of a column: that of the table. */
  objid: string;
  /** Number of a column; 0 for everything else. */
  objsubid: number;
}

/** What takes one object out of the way of others. */
export interface TakenAway {
  /**
   * Complete statements, every name qualified and quoted by the server itself; run one after the other they take the object
   * away, and before it whatever would keep the server from that. Never `cascade`.
   */
  sql: string[];
  /** What is dropped or changed besides, in the same order, as `kind name`: someone may need it. */
  others: string[];
  /** The extension that owns it, or one of the others: the server refuses to take away a part of an extension. */
  extension: string | null;
}

/** More would not fit into a finding, and is nothing to be done by a copied line. */
const mostObjects = 20;

/** Undefined where more than twenty objects would go, or a kind is among them that no statement takes away alone. */
export function takenAway(client: PostgresClient, address: ObjectAddress): Promise<TakenAway | undefined> {
  return withPlainNames(client, async () => {
    const start = await objectAt(client, address);
    if (start === undefined) return undefined;
    const order = await collect(client, start, new Set());
    const known = order.flatMap(({ sql, kind, name, extension }) =>
      sql === null ? [] : [{ sql, kind, name, extension }],
    );
    if (known.length < order.length || known.length > mostObjects) return undefined;
    return {
      sql: known.map(({ sql }) => sql),
      others: known.slice(0, -1).map(({ kind, name }) => `${kind} ${name}`),
      extension: known.find(({ extension }) => extension !== null)?.extension ?? null,
    };
  });
}

interface Described extends ObjectAddress {
  kind: string;
  name: string;
  sql: string | null;
  extension: string | null;
}

/** It, and those that lean on it, which come first; without those that were seen before. */
async function collect(client: PostgresClient, object: Described, seen: Set<string>): Promise<Described[]> {
  const { classid, objid, objsubid } = object;
  seen.add(keyOf(object));
  if (seen.size > mostObjects + 1) return [];
  const order: Described[] = [];
  const { rows } = await client.query<ObjectAddress>(leaningOn, [classid, objid, objsubid]);
  for (const each of rows) {
    const leaning = await objectAt(client, each);
    if (leaning !== undefined && !seen.has(keyOf(leaning))) order.push(...(await collect(client, leaning, seen)));
  }
  return [...order, object];
}

const keyOf = ({ classid, objid, objsubid }: ObjectAddress): string => [classid, objid, objsubid].join();

/** What a person would name: the view of a rule, the constraint of an index, the parent of what a partition inherits. */
async function objectAt(
  client: PostgresClient,
  { classid, objid, objsubid }: ObjectAddress,
): Promise<Described | undefined> {
  const { rows } = await client.query<Described>(describedObject, [classid, objid, objsubid]);
  return rows[0];
}

/** A constraint of a table by the name that the server describes it with; `relation` is qualified and quoted. */
export function findConstraint(
  client: PostgresClient,
  relation: string,
  described: string,
): Promise<ObjectAddress | undefined> {
  return withPlainNames(client, async () => {
    const { rows } = await client.query<ObjectAddress>(
      `select 'pg_constraint'::regclass::oid::int8::text as classid, k.oid::int8::text as objid, 0 as objsubid
         from pg_constraint k, pg_identify_object('pg_constraint'::regclass, k.oid, 0) o
        where k.conrelid = $1::regclass and o.type || ' ' || o.identity = $2`,
      [relation, described],
    );
    return rows[0];
  });
}
