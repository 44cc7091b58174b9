import { randomUUID } from 'node:crypto';
import { createDrop } from '../../../activities/removal/drop';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { createNoteHold } from '../../../activities/state/hold';
import { createFreeze } from '../../../activities/removal/freeze';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import type { Electorate } from '../../../activities/decisions/voters';
import type { Granted } from '../../../contract/run/decisions';
import { readState } from '../../support/looks/database-state';
import { decide } from '../../support/stages/decided';
import { prepareDrop, takeOutOfUse, type Prepared } from '../../support/stages/ready-to-drop';
import { electorate, openSampleEnvironment, type SampleEnvironment } from '../../support/stages/sample-environment';

// Effects in production know the gate from its database: of what a workflow says of it only challenge and codes count.

let stage: SampleEnvironment;
let prepared: Prepared;
const deps: RolloutDeps = { environment: () => stage.environment, electorate };
beforeAll(async () => {
  stage = await openSampleEnvironment();
  prepared = await prepareDrop(stage);
});
afterAll(() => stage.close());
beforeEach(() => stage.database.query('truncate rubicon.gate, rubicon.rollout, rubicon.hold'));

/** Nothing at all is different afterwards. */
async function refuses(effect: () => Promise<unknown>, type: string, message: RegExp): Promise<void> {
  const before = await readState(stage.database);
  await expect(effect()).rejects.toMatchObject({ type, message: expect.stringMatching(message) as string });
  await expect(readState(stage.database)).resolves.toEqual(before);
}

/** By the first effect; each of them asks in the same way. */
const refusesGate = (decision: Granted, message: RegExp): Promise<void> =>
  refuses(() => createFreeze(deps)({ ...prepared, decision }), 'NotDecided', message);

const tooEarly =
  /^expected this change not before .*, as its order says, found that it is earlier; nothing was changed/;

test('before the earliest instant of its order nothing begins, whatever was approved', async () => {
  const notBefore = new Date(Date.now() + 3_600_000).toISOString();
  const { decision } = await decide(stage.environment, prepared, { name: 'production', notBefore });
  await refuses(() => createFreeze(deps)({ ...prepared, decision }), 'WrongState', tooEarly);
  await movedBy('-2 hours');
  const ready = await takeOutOfUse(stage, prepared, { decision });
  await movedBy('2 hours');
  await refuses(() => createDrop(deps)(ready), 'WrongState', tooEarly);
  await createUndoRemoval({ environment: stage.find })(ready);
});

const movedBy = (interval: string) =>
  stage.database.query('update rubicon.gate set not_before = not_before + $1::interval', [interval]);

test('while a rollout is on hold nothing begins, whoever asks for it, and nothing is dropped', async () => {
  const { decision } = await decide(stage.environment, prepared, { name: 'production' });
  const { run } = prepared;
  const hold = createNoteHold(deps);
  const held =
    /^expected .* not to be on hold, found a hold since .* UTC \(incident\); nothing was changed; send "resume"/;
  for (const reason of ['another', 'incident']) await hold({ run, reason });
  await refuses(() => createFreeze(deps)({ ...prepared, decision }), 'WrongState', held);
  for (const _ of [1, 2]) await hold({ run });
  const ready = await takeOutOfUse(stage, prepared, { decision });
  await hold({ run, reason: 'incident' });
  await refuses(() => createDrop(deps)(ready), 'WrongState', held);
  await createUndoRemoval(deps)(ready); // back is always right
});

test('in a freeze of the policy nothing is dropped, but by an order that says why, with one more approval', async () => {
  const frozen: Electorate = {
    ...electorate,
    people: [...electorate.people, { name: 'carla', roles: ['approver'], slackId: 'U05' }],
    policy: {
      ...electorate.policy,
      freezes: [{ from: '2020-01-01', to: '2099-12-31', timeZone: 'UTC', because: 'always' }],
    },
  };
  const within: RolloutDeps = { ...deps, electorate: frozen };
  const override = 'keys have leaked';
  const opened = async (asked: { override?: string; voters?: string[] }) => {
    await stage.database.query('truncate rubicon.gate, rubicon.rollout');
    return decide(stage.environment, prepared, { name: 'production', ...asked }, frozen);
  };
  const { decision } = await opened({});
  const ready = await takeOutOfUse(stage, prepared, { decision, who: frozen });
  const refusesDrop = (given: Granted, type: string, message: RegExp) =>
    refuses(() => createDrop(within)({ ...ready, decision: given }), type, message);
  await refusesDrop(
    decision,
    'WrongState',
    /expected an open change window .* found that the next one opens at 2100-01-01/,
  );

  const three = ['anna', 'ben', 'carla'];
  // Two are enough within a window: that the workflow asked for no more changes nothing.
  const short = await opened({ override });
  expect(short.gate).toMatchObject({ needs: { approver: 3 }, override });
  await refusesDrop(short.decision, 'NotDecided', /valid approvals are missing: 1 more of approver/);
  // Whatever the workflow says of the gate.
  const plain = await opened({ voters: three });
  await refusesDrop({ ...plain.decision, gate: { ...plain.gate, override } }, 'WrongState', /an open change window/);

  const approved = await opened({ override, voters: three });
  await createDrop(within)({ ...ready, decision: approved.decision });
});

const notOpened = /the gate is of another run, or no worker of production has opened it/;

test('a gate that nobody has opened here counts for nothing, however right its codes are', async () => {
  const { decision, gate } = await decide(stage.environment, prepared, { name: 'production' });
  await stage.database.query('delete from rubicon.gate');
  await refusesGate(decision, notOpened);
  await refusesGate({ ...decision, gate: { ...gate, challenge: randomUUID() } }, notOpened);
});

test('nor does the gate of another run', async () => {
  const { decision } = await decide(stage.environment, prepared, { name: 'production' });
  await stage.database.query(`update rubicon.gate set first_run = 'another'`);
  await refusesGate(decision, notOpened);
});

test('what a workflow says of its gate besides is not asked', async () => {
  const expiresAt = new Date(Date.now() - 1).toISOString();
  const { decision } = await decide(stage.environment, prepared, { name: 'production', expiresAt });
  const later = { ...decision.gate, expiresAt: '2099-01-01T00:00:00.000Z', needs: {}, requesters: [] };
  await refusesGate({ ...decision, gate: later }, /found: it has expired at 20/);
});
