import { hostname } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Environment } from '../activities/environment/environment';
import type { Role } from '../contract/run/names';
import { armedFailPoint, failPointVariable } from '../adapters/programs/fail-point';
import { sweepScratch } from '../adapters/scratch/sweep';
import { checkReplay, replayMessage } from './temporal/check-replay';
import { connect, type Connected } from './temporal/connect';
import { installRuntime } from './temporal/install-runtime';
import { openLog } from './log';
import { checkSearchAttributes } from './temporal/search-attributes';
import { startMaintenanceWatchdog } from './maintenance-watchdog';
import { startSlackButtons } from './slack-buttons';
import { loadSettings, type Settings } from './settings/settings';
import { startWorkers } from './start-workers';

/** Options of {@link runWorker}. */
export interface RunWorkerOptions {
  roles: readonly Role[];
  /** Settings file; default RUBICON_CONFIG, else `rubicon.yaml`. */
  config?: string;
  /** Default: bundled from `workflows/`, which takes some seconds. */
  workflowBundle?: WorkflowBundleOption;
}

/**
 * Serves roles until SIGTERM or SIGINT. A second signal ends the process at once.
 *
 * @throws SettingsFault, or an Error whose message says what to do
 */
export async function runWorker({ roles, config, workflowBundle }: RunWorkerOptions): Promise<void> {
  const settings = loadSettings({ roles, ...(config !== undefined && { file: config }) });
  const log = openLog(settings.secrets);
  for (const warning of settings.warnings) log.warn(warning);
  requireNoFailPoint(settings, log);
  installRuntime(log);
  const told = untilSignal();
  const connected = await connect();
  const { connection, namespace, address } = connected;
  try {
    if (roles.some((role) => role !== 'control')) await sweep(log);
    const bundle = roles.includes('control')
      ? await prepareWorkflows(connected, settings, { log, given: workflowBundle })
      : undefined;
    const identity = process.env['RUBICON_WORKER_IDENTITY'] ?? `${process.pid}@${hostname()}`;
    const workers = await startWorkers({
      ...{ connection, namespace, settings, roles, identity },
      ...(bundle && { workflowBundle: bundle }),
    });
    log.info({ roles, namespace, address }, 'worker takes tasks');
    const stopButtons = roles.includes('production')
      ? startSlackButtons(settings, new Client({ connection, namespace, identity }), log)
      : () => Promise.resolve();
    const stopWatchdog = startMaintenanceWatchdog(watchedBy(roles, settings), log);
    try {
      await Promise.race([told, workers.finished]);
      log.info('worker stops: steps under way have 30 s');
    } finally {
      await Promise.all([workers.shutdown(), stopWatchdog(), stopButtons()]);
    }
  } finally {
    await connection.close();
  }
}

/** Production's worker looks after the maintenance of its targets; that of staging keeps nobody waiting. */
const watchedBy = (roles: readonly Role[], { targets }: Settings): Environment[] =>
  roles.includes('production') ? targets.flatMap(({ production }) => production ?? []) : [];

/** It takes both, a variable and a setting, so that no one arms one by accident; and then it is logged. */
function requireNoFailPoint({ failPoints }: Settings, log: Logger): void {
  const armed = armedFailPoint();
  if (armed === undefined) return;
  const said = `${failPointVariable} arms "${armed.point}" (${armed.fault})`;
  if (failPoints === 'allow') return log.warn(`FAIL-POINT: ${said}: this worker will fail there, on purpose`);
  throw new Error(
    `expected no fail-point, found that ${said}; unset it, or allow it by "worker: { failPoints: allow }" where nothing can be lost`,
  );
}

/** What a worker of workflows does before it takes a task: search attributes, code, and whether it can continue open runs. */
async function prepareWorkflows(
  { connection, namespace }: Connected,
  { replay, deployment }: Settings,
  { log, given }: { log: Logger; given: WorkflowBundleOption | undefined },
): Promise<WorkflowBundleOption> {
  const warning = await checkSearchAttributes(connection, namespace);
  if (warning !== undefined) log.warn(warning);
  const bundle = given ?? (await bundleWorkflowCode({ workflowsPath: join(__dirname, '../workflows'), logger: quiet }));
  if (deployment) return bundle; // open runs stay with the build that they are pinned to
  const facts = await checkReplay(new Client({ connection, namespace }), bundle);
  if (facts.failed.length > 0 && replay === 'refuse') throw new Error(replayMessage(facts));
  if (facts.failed.length > 0) log.error(replayMessage(facts));
  if (facts.left) log.warn(`${facts.checked} open runs were replayed; there are more, which were not checked`);
  return bundle;
}

/** The bundler tells every module that it has found; its errors are thrown. */
const quiet = new DefaultLogger('ERROR');

/** Throw-away servers of proofs whose worker was killed hold restored data: they go first. */
async function sweep(log: Logger): Promise<void> {
  const { removed, failed } = await sweepScratch();
  if (removed.length > 0) log.warn({ removed }, 'removed what a killed worker left behind');
  for (const { folder, because } of failed) log.error({ folder, because }, 'could not remove a throw-away server');
}

const untilSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
