import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { requireCopy } from '../../../activities/backup/copy-folder';
import { readObservedState } from '../../../activities/state/observe-state';
import { requireProven } from '../../../activities/backup/proven-backup';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { usualScratchFolder } from '../../../adapters/scratch/folder';
import type { ObservedState } from '../../../contract/run/observed-state';
import { captureColumns, readState, type DatabaseState } from './database-state';
import { readAudit, type AuditedDdl } from './ddl-audit';
import type { FaultPlace } from '../stages/fault-stage';
import { until } from './until';

/** How a rollout ended here: with the drop, put back before it, or taken back after it. */
export type Ending = 'dropped' | 'put back' | 'taken back';

const states: Record<Ending, ObservedState> = {
  dropped: { data: 'dropped', row: 'dropped', revision: '20260208_000007' },
  'put back': { data: 'present', row: 'aborted', revision: '20260201_000006' },
  'taken back': { data: 'present', row: 'rolled-back', revision: '20260201_000006' },
};

/** What no step of any rollout may change, whatever happens to it. */
export interface Untouched {
  tables: Pick<DatabaseState, 'structure' | 'rows'>;
  /** Of the plan's tables: everything but what the plan removes. */
  rest: unknown[];
}

const ours = ['sessions', 'assistants', 'alembic_version'];
const rest = (table: string): string =>
  `select count(*)::int, sum(hashtextextended((to_jsonb(t) - 'owner_api_key' - 'rubicon_hidden_owner_api_key')::text, 0))
     from ${table} t`;

export async function readUntouched({ environment, query }: FaultPlace): Promise<Untouched> {
  const { structure, rows } = await readState({ url: environment.postgresUrl });
  const isOther = ({ schema, table }: { schema: string; table: string }) =>
    schema === 'public' && !ours.includes(table);
  const tables = { structure: structure.filter(isOther), rows: rows.filter(isOther) };
  return { tables, rest: [await query(rest('sessions')), await query(rest('assistants'))] };
}

/** The state row, the catalogue, the revision and the triggers agree with how it ended. */
export async function expectState({ environment, memory }: FaultPlace, ending: Ending): Promise<void> {
  const postgres = openPostgres({ url: environment.postgresUrl, applicationName: 'test world' });
  const observed = await postgres.withClient((client) =>
    readObservedState({ client, environment }, memory.plan, memory.run),
  );
  await postgres.close();
  expect(observed).toEqual(states[ending]);
  const columns = await captureColumns({ url: environment.postgresUrl });
  const types = columns.map((column) => column?.type);
  const there = ['character varying(256)', 'character varying(255)'];
  expect(types).toEqual(ending === 'dropped' ? [undefined, undefined] : there);
}

/** By what was committed: each column dropped once at most, in one transaction; each hiding undone or followed by it. */
export async function expectDdlOnce({ query }: FaultPlace, ending: Ending): Promise<void> {
  const audit = await query<AuditedDdl>(readAudit);
  const named = (what: string, object: RegExp) => audit.filter((one) => one.what === what && object.test(one.object));
  const drops = named('drop column', /rubicon_hidden_owner_api_key$/);
  const columns = ['assistants', 'sessions'].map((table) => `public.${table}.rubicon_hidden_owner_api_key`);
  expect(drops.map(({ object }) => object)).toEqual(ending === 'put back' ? [] : columns);
  expect(new Set(drops.map(({ transaction }) => transaction)).size).toBe(ending === 'put back' ? 0 : 1);
  expect(audit.filter(({ what }) => what === 'drop column')).toHaveLength(drops.length);
  const hidden = named('rename', /\.rubicon_hidden_/).length;
  const shown = named('rename', /\.owner_api_key$/).length;
  expect(hidden - shown).toBe(ending === 'put back' ? 0 : 2);
  const made = named('create trigger', /rubicon_freeze_/).length;
  expect(named('drop trigger', /rubicon_freeze_/)).toHaveLength(made);
  expect(named('create trigger', /rubicon_guard_/)).toHaveLength(ending === 'taken back' ? 4 : 0);
  expect(named('drop trigger', /rubicon_guard_/)).toHaveLength(ending === 'taken back' ? 4 : 0);
}

/** What the drop relied on is whole: a proven backup, and the final copy. */
export async function expectRollback({ environment, memory }: FaultPlace, ending: Ending): Promise<void> {
  await requireProven({ environment }, memory.backup, memory);
  if (ending !== 'put back') await requireCopy({ environment }, memory.copy, memory);
}

/** Nothing half-written, no throw-away server of these processes, no session of ours. */
export async function expectNothingLeft({ environment, query }: FaultPlace, pids: number[]): Promise<void> {
  const files = readdirSync(environment.backupFolder, { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => file.endsWith('.partial'))).toEqual([]);
  await until(() => scratchFoldersOf(pids).length === 0, 20_000);
  await until(async () => {
    const sessions = await query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'rubicon%'`,
    );
    return sessions.length === 0;
  }, 20_000);
}

function scratchFoldersOf(pids: number[]): string[] {
  const folders = readdirSync(usualScratchFolder).filter((name) => name.startsWith('rubicon-scratch-'));
  return folders.filter((name) => {
    const owner = path.join(usualScratchFolder, name, 'owner.json');
    try {
      return pids.includes((JSON.parse(readFileSync(owner, 'utf8')) as { pid: number }).pid);
    } catch {
      return false; // of others, and just gone
    }
  });
}
