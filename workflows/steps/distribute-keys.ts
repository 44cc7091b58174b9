import { ActivityFailure } from '@temporalio/common';
import { counted } from '../../contract/text/plain-text';
import type { Loaded } from '../../contract/activities/loaded';
import type { OpenedKeys, RestoreOrder } from '../../contract/activities/effect-inputs';
import { control, environment } from '../journal/activities';
import { newKeysEvidence } from '../decide/evidence';
import { gate } from '../decide/gate';
import type { Journal } from '../journal/journal';
import { failureLine, Stop } from '../journal/stop';

/**
 * Where the old keys are in no copy: draws new ones, seals them, and waits until a custodian has opened them. Nothing is
 * changed before: a key that is in the database and in nobody's hands would lock its owner out.
 */
export async function distributeKeys(journal: Journal, loaded: Loaded, input: RestoreOrder): Promise<OpenedKeys> {
  const { plan, planDigest, custodian } = loaded;
  const sealed = await journal.step(
    { name: 'sealNewKeys', of: 'production' },
    () => environment('production').sealNewKeys(input),
    {
      note: ({ owners }) =>
        `one new key each for ${counted(owners, 'owner')}, drawn and sealed; nothing is changed yet`,
    },
  );
  const opened = await gate(journal, {
    ...{ name: 'hand-out', purpose: 'receive' as const, needs: { [custodian]: 1 }, plan, planDigest },
    evidence: newKeysEvidence(journal.facts, plan, { owners: sealed.owners, isChanged: false }),
    newKeys: { ...sealed, rollout: input.rollout },
  });
  return { ...sealed, opened };
}

/**
 * After the last row: the target is free, and the rollback ends when a custodian says that every client has its key.
 * Until then they are reminded; a gate that expires opens again.
 */
export async function handOver(journal: Journal, loaded: Loaded, { owners }: OpenedKeys): Promise<void> {
  const { plan, planDigest, custodian } = loaded;
  await control.releaseTarget({ run: journal.facts.run }).catch((error: unknown) => {
    if (!(error instanceof ActivityFailure)) throw error;
    journal.facts.warnings.push(`the target could not be released yet: ${failureLine(error)}`);
  });
  try {
    await gate(journal, {
      ...{ name: 'hand-over', purpose: 'hand-over', needs: { [custodian]: 1 }, plan, planDigest },
      evidence: newKeysEvidence(journal.facts, plan, { owners, isChanged: true }),
    });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    journal.facts.warnings.push(`hand-over of the new keys is not confirmed: ${error.because}`);
  }
}
