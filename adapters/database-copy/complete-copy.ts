import { chooseRest } from '../dump/archive-list';
import { openPostgres, type PostgresClient, type PostgresSettings } from '../postgres/postgres';
import { PostgresError } from '../postgres/postgres-error';
import { restoreDefinitions, scriptOf, type RestoreOrder } from '../dump/run-pg-restore';
import { sqlName, type TableName } from '../postgres/sql-name';
import { restoredName } from '../dump/restored-database';
import type { RestoredIn } from '../dump/restored-dump';
import type { ClusterFacts } from './cluster-facts';
import { layOwners } from './lay-roles';
import { statementsOf } from './script-statements';

/** A throw-away database that has the definitions, owners and rights of the one that it was copied from. */
export interface CompleteCopy {
  /** As the role that the worker has there. */
  asWorker: PostgresSettings;
  /** For the catalogue alone, never for code of the dump. */
  asSuperuser: PostgresSettings;
  /** What it lacks of the original, in words; empty = nothing. */
  lacks: string[];
  /** What is left out of every copy, in words: other servers, and what points at rows that are not there. */
  leftOut: string[];
}

/** A database that was restored from a dump, for the proof of its rows. */
export interface RestoredCopy {
  order: RestoreOrder;
  restoredIn: RestoredIn;
  /** As the role that owns what was restored. */
  connection: PostgresSettings;
  facts: ClusterFacts;
}

/** Rights and what is said of objects; the owners are there by then. */
const withRights = ['--exit-on-error', '--no-owner', '--no-tablespaces', '--no-password', '--no-subscriptions'];

/**
 * Adds to a restored database what a proof of its rows does without: triggers, rules, policies, foreign keys; owners,
 * rights, comments, publications, event triggers. The roles are there already ({@link layRoles}).
 *
 * Foreign keys are taken as they are, without reading the rows again; so a sample may lack rows that it points at.
 *
 * @param rowsOf the tables whose rows are there; absent = all, or a sample with what it points at
 */
export async function completeCopy(
  { order, restoredIn, connection, facts }: RestoredCopy,
  rowsOf?: readonly TableName[],
): Promise<CompleteCopy> {
  const { scratch, asSuperuser, archive, missingExtensions } = restoredIn;
  const all = { ...order, scratch };
  const rest = chooseRest(archive.entries, archive.extensions);
  const behaviour = await restoreDefinitions(all, rest.behaviour, { connection });
  const lacks = [...missingExtensions.map((name) => `extension ${name}`), ...(behaviour ? [behaviour.found] : [])];
  const keys = await foreignKeys(await scriptOf(all, rest['foreign keys']), rowsOf);
  lacks.push(...(await addForeignKeys(asSuperuser, keys.laid)));
  lacks.push(...(await layOwners(asSuperuser, restoredName, facts)));
  const rights = await restoreDefinitions(all, rest.rights, { connection: asSuperuser, options: withRights });
  if (rights !== undefined) lacks.push(rights.found);
  const leftOut = [
    ...(rest.elsewhere.length === 0 ? [] : ['foreign servers, foreign tables and subscriptions']),
    ...(keys.leftOut === 0 ? [] : [`${keys.leftOut} foreign keys to tables whose rows are not in the backup`]),
  ];
  return { asSuperuser, asWorker: scratch.as(facts.worker.name, restoredName), lacks, leftOut };
}

/** Of a copy that has the rows of some tables alone: a key that points at another one would point at nothing. */
async function foreignKeys(
  script: string,
  rowsOf: readonly TableName[] | undefined,
): Promise<{ laid: string[]; leftOut: number }> {
  const all = script === '' ? [] : (await statementsOf(script)).filter((sql) => / FOREIGN KEY /.test(sql));
  const there = rowsOf && new Set(rowsOf.map(sqlName));
  const laid = all.filter((sql) => {
    const [, to = ''] = / REFERENCES ("(?:[^"]|"")+"\."(?:[^"]|"")+")/.exec(sql) ?? [];
    return there === undefined || there.has(to);
  });
  return { laid, leftOut: all.length - laid.length };
}

/** Each as if it held for all rows, if it did; the server then says the same of it as the original's. */
async function addForeignKeys(superuser: PostgresSettings, statements: readonly string[]): Promise<string[]> {
  if (statements.length === 0) return [];
  const isExact = (sql: string): boolean => / NOT (?:VALID|ENFORCED)$/.test(sql);
  const lacks: string[] = [];
  await openPostgres(superuser).withClient(async (client) => {
    const add = async (sql: string): Promise<void> => {
      try {
        await client.query(sql);
      } catch (error) {
        if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
        lacks.push(`a foreign key (${error.sqlstate})`);
      }
    };
    for (const sql of statements.filter((each) => !isExact(each))) await addUnread(client, sql, add);
    await client.query(`update pg_constraint set convalidated = true where contype = 'f' and not convalidated`);
    for (const sql of statements.filter(isExact)) await add(sql);
  });
  return lacks;
}

/** Before PostgreSQL 18 those of a partitioned table can't be NOT VALID: there the rows of the copy are read. */
async function addUnread(client: PostgresClient, sql: string, add: (sql: string) => Promise<void>): Promise<void> {
  try {
    await client.query(`${sql} not valid`);
  } catch (error) {
    if (!(error instanceof PostgresError) || error.sqlstate === undefined) throw error;
    await add(sql);
  }
}
