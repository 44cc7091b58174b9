import { environments, maintenanceLeaseId, targetLockId, type EnvironmentName } from '../../../contract/run/names';
import { captureColumns, readState } from '../looks/database-state';
import type { RolloutStage } from './rollout-stage';

/** What an environment is, as everybody but us sees it: columns, revision, rows without our own schema, release. */
export interface SeenState {
  columns: unknown[];
  structure: object[];
  rows: object[];
  revision: unknown;
  release: unknown;
  maintenance: unknown;
}

export async function observedStateOf(stage: RolloutStage, name: EnvironmentName): Promise<SeenState> {
  const { structure, rows } = await readState(stage.databases[name]);
  const own = (table: object): boolean => !/"(rubicon|audit)"/.test(JSON.stringify(table));
  const [revision] = await stage.databases[name].query('select version_num from alembic_version');
  const { release, maintenance } = await platformState(stage, name);
  const columns = await captureColumns(stage.databases[name]);
  const seen = { columns, structure: structure.filter(own), rows: rows.filter(own) };
  return { ...seen, revision: revision?.['version_num'], release, maintenance };
}

/** What the platform says of the application: its release, and whether people are turned away. */
export async function platformState(
  { environments: all }: RolloutStage,
  name: EnvironmentName,
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${all[name].platform.controlUrl}/state`);
  return (await answer.json()) as Record<string, unknown>;
}

/** Who holds the target; undefined = it is free. */
export const lockHolder = (stage: RolloutStage): Promise<unknown> => holderOf(stage, targetLockId('agent-api'));

/** Whether a run still works on the target: after a case that has failed. One that was terminated only holds it. */
export async function isAtWork(stage: RolloutStage): Promise<boolean> {
  const holder = await lockHolder(stage);
  if (typeof holder !== 'string') return false;
  const { status } = await stage.client.workflow.getHandle(holder).describe();
  return status.name === 'RUNNING';
}

/** What would make people wait, or could still act: everything here must be empty when nobody is at work. */
export async function leftOpen(stage: RolloutStage): Promise<string[]> {
  const left: string[] = [];
  for (const name of environments) {
    if ((await platformState(stage, name))['maintenance'] !== false) left.push(`maintenance of ${name}`);
    const lease = await holderOf(stage, maintenanceLeaseId('agent-api', name));
    if (lease !== undefined) left.push(`lease of ${name}, held by ${String(lease)}`);
    const sessions = await stage.databases[name].query<{ name: string }>(
      `select application_name as name from pg_stat_activity
       where datname = current_database() and application_name like 'rubicon %' and application_name <> 'rubicon test state'`,
    );
    left.push(...sessions.map((session) => `session "${session.name}" in ${name}`));
  }
  const holder = await lockHolder(stage);
  if (holder !== undefined) left.push(`the target, held by ${String(holder)}`);
  return left;
}

async function holderOf({ client }: RolloutStage, workflowId: string): Promise<unknown> {
  const found = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return found?.status.name === 'RUNNING' ? (found.memo?.['holder'] ?? 'somebody') : undefined;
}
