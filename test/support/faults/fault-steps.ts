import { createBackup } from '../../../activities/backup/backup';
import type { Environment } from '../../../activities/environment/environment';
import { createDrop } from '../../../activities/removal/drop';
import { createEndWriteGuard } from '../../../activities/rollback/end-write-guard';
import { createRefillRemoved } from '../../../activities/rollback/refill-removed';
import { createFinalCopy } from '../../../activities/removal/final-copy';
import { createFinishRestore } from '../../../activities/rollback/finish-restore';
import { createFlushCache } from '../../../activities/cache/flush-cache';
import { createFreeze } from '../../../activities/removal/freeze';
import { createHide } from '../../../activities/removal/hide';
import { createProveBackup } from '../../../activities/rehearsal/prove-backup';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { createRehearseOnCopy } from '../../../activities/rehearsal/rehearse-on-copy';
import { createRestoreRemoved } from '../../../activities/rollback/restore-removed';
import { createSealNewKeys } from '../../../activities/new-keys/seal-new-keys';
import { createUnhide } from '../../../activities/removal/unhide';
import type { Electorate } from '../../../activities/decisions/voters';
import { obstacles, type Finding } from '../../../contract/run/findings';
import type { OutOfUseInput, RestoreInput } from '../../../contract/activities/effect-inputs';
import { serves } from '../stages/serves';
import { tried } from '../stages/tried';

/** What a workflow would remember between two steps. */
export interface Memory extends OutOfUseInput {
  backup: string;
  freeze: string;
  copy: string;
  /** Once it has dropped: what the way back is given. */
  verbs?: RestoreInput;
}

/** What one step is given, in this process or in one of its own. */
export interface StepOrder {
  step: StepName;
  environment: Environment;
  electorate: Electorate;
  memory: Memory;
}

type Act = (deps: { environment: () => Environment; electorate: Electorate }, memory: Memory) => Promise<unknown>;

/** The activities with an effect, each as its workflow calls it. */
const steps = {
  rehearseOnCopy: async (deps, memory) => requireNone((await createRehearseOnCopy(deps)(memory)).findings),
  backup: async (deps, memory) => {
    memory.backup = (await createBackup(deps)(memory)).id;
  },
  proveBackup: (deps, { run, backup }) => createProveBackup(deps)({ run, id: backup }),
  freeze: async (deps, memory) => {
    memory.freeze = (await createFreeze(deps)(memory)).id;
  },
  finalCopy: async (deps, memory) => {
    memory.copy = (await createFinalCopy(deps)(memory)).id;
  },
  hide: async (deps, memory) => {
    await createHide(deps)(memory);
    await tried(deps.environment(), memory);
  },
  unhide: (deps, memory) => createUnhide(deps)(memory),
  undoRemoval: (deps, memory) => createUndoRemoval(deps)(memory),
  drop: async (deps, memory) => {
    await serves(deps.environment(), memory.plan.release.to);
    await createDrop(deps)(memory);
  },
  flushCache: (deps, memory) => createFlushCache(deps)(memory),
  sealNewKeys: (deps, memory) => createSealNewKeys(deps)(rollbackVerbsOf(memory)),
  restoreRemoved: (deps, memory) => createRestoreRemoved(deps)(rollbackVerbsOf(memory)),
  refillRemoved: (deps, memory) => createRefillRemoved(deps)(rollbackVerbsOf(memory)),
  finishRestore: async (deps, memory) => requireNone(await createFinishRestore(deps)(rollbackVerbsOf(memory))),
  endWriteGuard: async (deps, memory) => {
    await serves(deps.environment(), memory.plan.release.from);
    requireNone(await createEndWriteGuard(deps)(rollbackVerbsOf(memory)));
  },
} satisfies Record<string, Act>;

export type StepName = keyof typeof steps;

/** Runs one step; what the workflow remembers of it is in `memory` afterwards. */
export async function runStep({ step, environment, electorate, memory }: StepOrder): Promise<void> {
  const act: Act = steps[step];
  await act({ environment: () => environment, electorate }, memory);
}

function requireNone(findings: Finding[]): void {
  const found = obstacles(findings);
  if (found.length > 0) throw new Error(`expected no obstacle, found ${JSON.stringify(found)}`);
}

function rollbackVerbsOf({ verbs }: Memory): RestoreInput {
  if (verbs === undefined) throw new Error('expected an approved rollback, found none');
  return verbs;
}
