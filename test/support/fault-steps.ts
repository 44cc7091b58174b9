import { createBackup } from '../../activities/backup';
import type { Environment } from '../../activities/environment';
import { createDrop } from '../../activities/drop';
import { createEndGuard } from '../../activities/end-guard';
import { createFillColumns } from '../../activities/fill-columns';
import { createFinalCopy } from '../../activities/final-copy';
import { createFinishRestore } from '../../activities/finish-restore';
import { createFlushCache } from '../../activities/flush-cache';
import { createFreeze } from '../../activities/freeze';
import { createHide } from '../../activities/hide';
import { createProveBackup } from '../../activities/prove-backup';
import { createPutBack } from '../../activities/put-back';
import { createRehearseOnCopy } from '../../activities/rehearsal/rehearse-on-copy';
import { createRestoreColumns } from '../../activities/restore-columns';
import { createSealNewKeys } from '../../activities/seal-new-keys';
import { createUnhide } from '../../activities/unhide';
import type { Electorate } from '../../activities/voters';
import { obstacles, type Finding } from '../../contract/findings';
import type { OutOfUseInput, RestoreInput } from '../../contract/steps';

/** What a workflow would remember between two steps. */
export interface Memory extends OutOfUseInput {
  backup: string;
  freeze: string;
  copy: string;
  /** Once it has dropped: what the way back is given. */
  wayBack?: RestoreInput;
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
  hide: (deps, memory) => createHide(deps)(memory),
  unhide: (deps, memory) => createUnhide(deps)(memory),
  putBack: (deps, memory) => createPutBack(deps)(memory),
  drop: (deps, memory) => createDrop(deps)(memory),
  flushCache: (deps, { run, plan }) =>
    createFlushCache(deps)({ target: run.target, ...(plan.cache && { cache: plan.cache }) }),
  sealNewKeys: (deps, memory) => createSealNewKeys(deps)(wayBackOf(memory)),
  restoreColumns: (deps, memory) => createRestoreColumns(deps)(wayBackOf(memory)),
  fillColumns: (deps, memory) => createFillColumns(deps)(wayBackOf(memory)),
  finishRestore: async (deps, memory) => requireNone(await createFinishRestore(deps)(wayBackOf(memory))),
  endGuard: async (deps, memory) => requireNone(await createEndGuard(deps)(wayBackOf(memory))),
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

function wayBackOf({ wayBack }: Memory): RestoreInput {
  if (wayBack === undefined) throw new Error('expected an approved rollback, found none');
  return wayBack;
}
