import { randomUUID } from 'node:crypto';
import { approvalCode, normalizeCode } from '../../../activities/decisions/approval-code';
import { requireStandingDecisions } from '../../../activities/decisions/decisions-at-effect';
import { bindTo, verdictsOn } from '../../../activities/decisions/voters';
import { systemIdentifierOf } from '../../../activities/environment/database';
import { openPostgres, type Postgres } from '../../../adapters/postgres/postgres';
import type { Granted, Purpose } from '../../../contract/run/decisions';
import { everyCase } from '../../support/inputs/some';
import { seededRandom } from '../../support/looks/random';
import { decide, type Decided } from '../../support/stages/decided';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

// What an effect is handed by a workflow, changed in every way that somebody without codes could: none of it is a decision.

const { plan, planDigest } = firstPlan();
const order = { run: newRun(), plan, planDigest };
let stage: SampleEnvironment;
let postgres: Postgres;
let right: Decided;
/** Of other openings, other purposes, another run: each right for itself. */
let others: Decided[];
beforeAll(async () => {
  stage = await openSampleEnvironment();
  postgres = openPostgres({ url: stage.database.url, applicationName: 'test decisions' });
  const open = (of: { run: typeof order.run }, purpose: Purpose, name = 'production') =>
    decide(stage.environment, { ...order, ...of }, { name, purpose });
  others = [
    await open(order, 'approve'),
    await open(order, 'accept', 'question: soak'),
    await open(order, 'accept-loss', 'rollback'),
    await open({ run: newRun('agent-api/another') }, 'approve'),
  ];
  right = await open(order, 'approve'); // the newest: an opening makes those before it worthless
});
afterAll(async () => {
  await postgres.close();
  await stage.close();
});

const most = everyCase ? 100_000 : 600;
jest.setTimeout(1_800_000);

test(`of ${most} mutated decisions none is accepted, and the right one is`, async () => {
  const random = seededRandom(13);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const accepted: Granted[] = [];
  await postgres.withClient(async (client) => {
    const asked = {
      ...{ run: order.run, planDigest, name: 'production', purpose: 'approve' as const },
      needs: { approver: 2 },
    };
    const isAccepted = (decision: Granted): Promise<boolean> =>
      requireStandingDecisions(client, electorate, { ...asked, decision }).then(
        () => true,
        () => false,
      );
    expect(await isAccepted(right.decision)).toBe(true);
    for (const _ of Array(most).keys()) {
      const mutated = mutate(structuredClone(right.decision), random, pick);
      if (await isAccepted(mutated)) accepted.push(mutated);
    }
  });
  expect(accepted).toEqual([]);
});

test('the code of a rejection is whose it is, and no vote: whoever reads it in Temporal has nothing', async () => {
  const { gate, votes } = right.decision;
  await postgres.withClient(async (client) => {
    const bound = bindTo(electorate, await systemIdentifierOf(client));
    const rejection = approvalCode(bound, { ...gate, purpose: 'reject' }, 'ben');
    expect(verdictsOn(bound, gate, [rejection])).toEqual([{ person: 'ben', roles: expect.any(Array), only: 'reject' }]);
    const asked = {
      run: order.run,
      planDigest,
      name: 'production',
      purpose: 'approve' as const,
      needs: { approver: 2 },
    };
    const turned = { gate, votes: [votes[0]!, { ...votes[1]!, code: rejection }] };
    await expect(requireStandingDecisions(client, electorate, { ...asked, decision: turned })).rejects.toMatchObject({
      type: 'NotDecided',
      message: expect.stringContaining('valid approvals are missing: 1 more of approver'),
    });
  });
});

/** One of the two votes, or the opening, is no longer what it was; besides anything that a workflow says of them may be changed, too. */
function mutate(decision: Granted, random: () => number, pick: <T>(list: readonly T[]) => T): Granted {
  const { gate, votes } = decision;
  const [one, other] = random() < 0.5 ? [votes[0]!, votes[1]!] : [votes[1]!, votes[0]!];
  const foreign = pick(others);
  const spoil: (() => void)[] = [
    () => (one.code = changedCode(one.code, random)),
    () => (one.code = pick(foreign.votes).code),
    () => (one.code = other.code),
    () =>
      (one.code = pick(['', 'x', '0'.repeat(16), '__proto__', one.code.slice(1), `${one.code}0`, one.code.repeat(2)])),
    () => (one.code = pick<unknown>([undefined, null, 0, {}, [], [one.code], { toString: one.code }]) as never),
    () => void votes.splice(votes.indexOf(one), 1),
    () => void votes.splice(0, 2),
    () => (gate.challenge = pick([foreign.gate.challenge, randomUUID(), '', '%', gate.challenge.slice(1)])),
  ];
  pick(spoil)();
  const besides: (() => void)[] = [
    () => (gate.needs = pick([{}, { approver: 1 }, { 'on-call': 0 }])),
    () => (gate.requesters = pick([[], ['nobody']])),
    () => (gate.expiresAt = pick(['2099-01-01T00:00:00.000Z', 'never'])),
    () => (gate.purpose = pick(['accept', 'accept-loss', 'receive'])),
    () => (gate.planDigest = pick(['', 'f'.repeat(64)])),
    () => (one.person = other.person),
    () => (one.roles = ['approver', 'approver', 'constructor']),
    () => void votes.push(...votes.map((vote) => ({ ...vote }))),
    () => void votes.push(...foreign.votes.slice(0, 1)),
    () => Object.assign(gate, structuredClone(foreign.gate), { challenge: gate.challenge }),
  ];
  while (random() < 0.6) pick(besides)();
  return decision;
}

/** One sign of it, to another one that is not read as the same. */
function changedCode(code: string, random: () => number): string {
  for (;;) {
    const at = Math.floor(random() * code.length);
    const sign = String.fromCharCode(33 + Math.floor(random() * 90));
    const changed = code.slice(0, at) + sign + code.slice(at + 1);
    if (normalizeCode(changed) !== code) return changed;
  }
}
