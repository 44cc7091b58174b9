import { createDrop } from '../../../activities/removal/drop';
import { findCopies } from '../../../activities/backup/copy-folder';
import { readProof, receiptOfProof } from '../../../activities/backup/backup-folder';
import { newSealPair } from '../../../activities/environment/seal-keys';
import { sealOf, type Seen } from '../../../activities/seals/sealed';
import type { Seal } from '../../../contract/run/seal';
import { insertReceipt } from '../../../sql/receipts';
import { prepareDropUnrestored, takeOutOfUse, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import {
  copySampleEnvironment,
  electorate,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// Whoever may write where backups and state rows are can't sign: the drop asks for the seals of production's own key.

const [own, foreign] = [newSealPair(), newSealPair()];
let first: SampleEnvironment;
let ready: ReadyToDrop;
let stage: SampleEnvironment;
beforeAll(async () => {
  first = await openSampleEnvironment();
  ready = await takeOutOfUse(first, await prepareDropUnrestored(first));
});
afterAll(() => first.close());
beforeEach(async () => {
  stage = await copySampleEnvironment(first);
  stage.environment.seals = { role: 'production', private: own.private, public: { production: [own.public] } };
});
afterEach(() => stage.close());

const drop = () => createDrop({ environment: stage.find, electorate })(ready);
const lacks = (what: string) => ({
  type: 'WrongState',
  message: expect.stringMatching(
    `^expected seals of production's own key on what the drop stands on, found none that is right on ${what}; nothing was changed; answer "abort"`,
  ),
});

const watched = { samples: 10, healthy: 10 };
const steps = async (): Promise<Record<string, Omit<Seen, 'run'>>> => {
  const proof = await readProof(stage.environment, ready.backup);
  const [copy] = await findCopies(stage.environment, ready.run);
  return {
    proof: { step: 'proveBackup', result: proof && receiptOfProof(proof) },
    copy: { step: 'finalCopy', result: copy?.receipt },
    hide: { step: 'hide', result: {} },
    watch: { step: 'watch', result: {}, watched },
  };
};

/** Enters them into the chain, as the worker does. */
async function seal(these: Omit<Seen, 'run'>[], key = own.private, change: (seal: Seal) => Seal = (one) => one) {
  let last: Seal | undefined;
  for (const each of these) {
    const { run } = ready;
    last = sealOf({ role: 'production', private: key, public: {} }, { run, ...each }, last);
    const kept = change(last);
    await stage.database.query(insertReceipt, [run.workflowId, run.firstRun, last.number, JSON.stringify(kept)]);
  }
}

test('without any seal nothing is dropped, with all of them it is', async () => {
  await expect(drop()).rejects.toMatchObject(lacks('the proof of the backup, the final copy, the trial'));
  await seal(Object.values(await steps()));
  await expect(drop()).resolves.toMatchObject({ attempts: 1 });
});

test.each(['proof', 'copy', 'hide', 'watch'] as const)('the %s may not be missing', async (name) => {
  const { [name]: _, ...rest } = await steps();
  await seal(Object.values(rest));
  const what = { proof: 'the proof of the backup', copy: 'the final copy', hide: 'the trial', watch: 'the trial' }[
    name
  ];
  await expect(drop()).rejects.toMatchObject(lacks(what));
});

test('seals of another key, or changed afterwards, are none', async () => {
  await seal(Object.values(await steps()), foreign.private);
  await expect(drop()).rejects.toMatchObject(lacks('the proof of the backup, the final copy, the trial'));
  await stage.database.query('truncate rubicon.receipt');
  await seal(Object.values(await steps()), own.private, (one) => ({ ...one, at: new Date(0).toISOString() }));
  await expect(drop()).rejects.toMatchObject(lacks('the proof of the backup, the final copy, the trial'));
});

test('what was sealed has to be what is there: another proof or copy is not', async () => {
  const { proof, copy, ...rest } = await steps();
  const other = (seen: Omit<Seen, 'run'> | undefined) => ({
    step: seen?.step ?? '',
    result: { ...(seen?.result as object), id: 'x' },
  });
  await seal([other(proof), other(copy), ...Object.values(rest)]);
  await expect(drop()).rejects.toMatchObject(lacks('the proof of the backup, the final copy'));
});

test('the trial is what was watched since it was hidden last, and all of it healthy', async () => {
  const { watch, hide, ...rest } = (await steps()) as Record<'watch' | 'hide' | 'proof' | 'copy', Omit<Seen, 'run'>>;
  const others = Object.values(rest);
  await seal([...others, hide, watch, hide]);
  await expect(drop()).rejects.toMatchObject(lacks('the trial'));
  await stage.database.query('truncate rubicon.receipt');
  await seal([...others, hide, { ...watch, watched: { samples: 10, healthy: 9 } }]);
  await expect(drop()).rejects.toMatchObject(lacks('the trial'));
  await stage.database.query('truncate rubicon.receipt');
  await seal([...others, { ...watch, watched: { samples: 3, healthy: 1 } }, hide, watch]); // before it, in staging's words
  await expect(drop()).resolves.toMatchObject({ attempts: 1 });
});
