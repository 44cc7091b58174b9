import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { scratchPrefix, usualScratchFolder } from '../../../adapters/scratch/folder';
import { roles } from '../../../contract/run/names';
import type { Child } from '../../../dev/servers/child';
import { startWorkerProcess } from '../../../dev/stack/worker-process';
import type { RolloutStage } from '../stages/rollout-stage';
import { workflowBundle } from './servers';

/** Workers of all roles in processes of their own, one at a time, each as `rubicon worker` starts it. */
export interface WorkerProcesses {
  /** `kill -9`, whatever it is doing; then another one takes over. Resolves when that takes tasks. */
  replace(between?: () => Promise<void>): Promise<void>;
  /** How many there were. */
  readonly started: number;
  /** What all of them have written. */
  logs(): string;
  /** Throw-away servers that one of them made and that are still there. */
  scratchLeft(): string[];
  close(): Promise<void>;
}

export async function startWorkerProcesses(stage: RolloutStage): Promise<WorkerProcesses> {
  const { address, namespace, settings } = stage;
  const connection = stage.client.connection as Connection;
  const bundleFile = (await workflowBundle()).codePath;
  const start = (): Promise<Child> =>
    startWorkerProcess({ address, namespace, roles, env: settings.env, connection, bundleFile });
  const children: Child[] = [await start()];
  const pids = new Set(children.map(({ pid }) => pid));

  return {
    async replace(between) {
      await children.at(-1)?.kill();
      await between?.();
      const next = await start();
      children.push(next);
      pids.add(next.pid);
    },
    get started() {
      return children.length;
    },
    logs: () => children.map(({ logFile }) => readFileSync(logFile, 'utf8')).join('\n'),
    scratchLeft: () => scratchServers().flatMap(({ owner, folder }) => (pids.has(owner) ? [folder] : [])),
    close: () => Promise.all(children.map((child) => child.stop())).then(() => undefined),
  };
}

/** Throw-away servers of this machine, and whose they are. */
export function scratchServers(): { folder: string; owner: number | undefined }[] {
  const names = readdirSync(usualScratchFolder).filter((name) => name.startsWith(scratchPrefix));
  return names.map((name) => {
    const folder = join(usualScratchFolder, name);
    return { folder, owner: ownerOf(folder) };
  });
}

function ownerOf(folder: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined; // being made, or gone meanwhile
  }
}
