import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Redis } from 'ioredis';
import { askers } from '../../../activities/run/asked-by-its-run';
import type { Facts } from '../../../contract/run/facts';
import { environments, roles, taskQueues, type Role } from '../../../contract/run/names';
import { table } from '../../../report/markdown-table';
import { loadSettings } from '../../../worker/settings/settings';
import { activitiesOf } from '../../../worker/wiring';
import { asActivity } from '../../support/looks/as-activity';
import { readState } from '../../support/looks/database-state';
import { expectGoldenPart } from '../../support/looks/golden';
import { carryChangeInStaging } from '../../support/stages/carried-staging';
import { observedStateOf } from '../../support/stages/observed';
import { eventRun, newEvent, withId } from '../../support/inputs/sample-event';
import { firstPlan } from '../../support/stages/sample-environment';
import { openRolloutStage, quickLoadTest, type RolloutStage } from '../../support/stages/rollout-stage';
import { workflowBundle } from '../../support/servers/servers';
import type { callActivity, Called } from '../../support/workflows/foreign-workflow';

// Somebody may write to the namespace, with workers of their own, and has neither a code nor a key nor a password. A rollout is
// approved, on hold, and not to be carried out before an hour has passed: whatever they call, nothing of production changes.

jest.setTimeout(600_000);

let stage: RolloutStage;
let victim: WorkflowHandle;
let facts: Facts;
/** What approvers were shown. */
let asked: Facts['asked'];
let attacker: Worker;
let attacking: Promise<void>;
let connection: NativeConnection;

beforeAll(async () => {
  // Approval is requested hours before what it is for.
  stage = await openRolloutStage({ changePlan: quickLoadTest, durations: { gateExpiry: '3 hours' } });
  await carryChangeInStaging(stage);
  await stage.work();
  victim = await stage.start({ notBefore: new Date(Date.now() + 3_600_000).toISOString() });
  ({ asked } = await stage.until(victim, ({ waiting }) => waiting?.for === 'approval'));
  await stage.approve(victim);
  await stage.decide(victim, 'hold', { reason: 'incident elsewhere' });
  facts = await stage.until(victim, ({ waiting }) => waiting?.for === 'resume');
  connection = await NativeConnection.connect({ address: stage.address });
  attacker = await Worker.create({
    ...{ connection, namespace: stage.namespace, taskQueue: 'elsewhere' },
    workflowBundle: await workflowBundle(join(__dirname, '../../support/workflows/foreign-workflow.ts')),
  });
  attacking = attacker.run();
});

afterAll(async () => {
  attacker.shutdown();
  await attacking;
  await connection.close();
  await stage.close();
});

/** Each activity, and the queue on which it is served. */
const served = (): { name: string; role: Role }[] =>
  roles.flatMap((role) =>
    Object.keys(activitiesOf(role, settingsOf(role), stage.client)).map((name) => ({ name, role })),
  );

const settingsOf = (role: Role) =>
  loadSettings({ roles: [role], file: stage.settings.file, env: { ...process.env, ...stage.settings.env } });

const aLongTime = 10 * 365 * 86_400_000;

/** All that any activity asks for, in the name of the victim, as the query `status` tells it. */
function inputFor(votes: Facts['votes']): Record<string, unknown> {
  const { run, gates, plan, environments: seen } = facts;
  const [gate] = gates;
  const planDigest = plan?.digest;
  return {
    ...{ target: run.target, run, trialOf: run, workflowId: run.workflowId, runId: run.firstRun },
    ...{ planDigest, decision: { gate, votes }, identity: seen.production.identity, gate, evidence: asked },
    ...{ serves: 'from', whateverServes: true, dropped: true, newReleaseServes: false, hidBegun: true },
    ...{ on: true, deadlineMs: aLongTime, longTransaction: '1 minute', every: '1 second', forMs: 1 },
    ...{
      id: 'x',
      backup: 'x',
      copy: 'x',
      freeze: 'x',
      codes: ['x'],
      persons: ['anna'],
      missing: [],
      result: 'rejected',
    },
    ...{
      requesters: [],
      key: 'lie',
      text: 'All is well',
      askedBy: 'a friend',
      planName: 'x',
      left: { production: {} },
    },
    ...{ destroyAt: new Date(0).toISOString(), facts: { ...facts, outcome: 'done', because: 'All is well' } },
    ...{ order: { ...facts.order, rollout: run.workflowId } },
  };
}

/** Made up, in the name of the victim. */
const event = () =>
  newEvent('run.resumed', {}, { run: eventRun({ workflowId: facts.run.workflowId, firstRun: facts.run.firstRun }) });

/** What some of them take besides. */
const besides: Record<string, () => object> = {
  handOver: () => ({ event: event() }),
  deliver: () => ({ event: withId(event()), to: { webhook: 'pager' } }),
  findWindow: () => ({ durations: firstPlan().plan.durations }),
  openGate: () => ({ gate: { ...facts.gates[0], challenge: randomUUID() } }),
  backup: () => ({ backup: undefined }),
  assessRollback: () => ({ rollout: facts.run.workflowId }),
  sealNewKeys: () => ({ rollout: facts.run }),
  restoreRemoved: () => ({ rollout: facts.run }),
  refillRemoved: () => ({ rollout: facts.run }),
  finishRestore: () => ({ rollout: facts.run }),
  endWriteGuard: () => ({ rollout: facts.run }),
};

/** Everything that a call could change, by what people would call it. */
async function look(): Promise<Record<string, unknown>> {
  const filesIn = (folder: string): string[] =>
    existsSync(join(stage.folder, folder))
      ? readdirSync(join(stage.folder, folder), { recursive: true, encoding: 'utf8' }).sort()
      : [];
  const keysOf = async (url: string): Promise<string[]> => {
    const redis = new Redis(url);
    const keys = await redis.keys('*');
    await redis.quit();
    return keys.sort();
  };
  const seen: Record<string, unknown> = {};
  for (const name of environments) {
    const { rows } = await readState(stage.databases[name]);
    seen[name] = await observedStateOf(stage, name);
    seen[`state rows of ${name}`] = rows.filter(
      ({ schema, table }) => schema === 'rubicon' && table !== 'receipt', // each answer is entered there
    );
    seen[`cache of ${name}`] = await keysOf(stage.environments[name].redisUrl);
  }
  const { phase, held, outcome, votes, gates, decisions } = await victim.query<Facts>('status');
  return {
    ...seen,
    ...{
      backups: filesIn('backups'),
      reports: filesIn('reports'),
      rollout: { phase, held, outcome, votes, gates, decisions },
    },
    messages: stage.slack.messages({}).length,
  };
}

async function changedBy(call: () => Promise<Called>): Promise<{ called: Called; changed: string[] }> {
  const before = await look();
  const called = await call();
  const after = await look();
  const changed = Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return { called, changed };
}

const byForeigner = ({ name, role }: { name: string; role: Role }, votes = facts.votes): Promise<Called> =>
  stage.client.workflow.execute<typeof callActivity>('callActivity', {
    ...{ workflowId: `foreign-${name}-${role}-${Math.random()}`, taskQueue: 'elsewhere' },
    args: [{ queue: taskQueues[role], name, input: { ...inputFor(votes), ...besides[name]?.() } }],
  });

/** As the victim's own workflow asks, once its worker is somebody else's. */
async function byItsOwnWorkflow(
  { name, role }: { name: string; role: Role },
  votes: Facts['votes'] = [],
): Promise<Called> {
  const { workflowId, firstRun } = facts.run;
  const { [name]: activity } = activitiesOf(role, settingsOf(role), stage.client) as Record<
    string,
    (input: unknown) => Promise<unknown>
  >;
  const attempt = await asActivity(async () => activity?.({ ...inputFor(votes), ...besides[name]?.() }), {
    asker: { workflowId, runId: firstRun },
  });
  return attempt.error === undefined
    ? { answer: attempt.result }
    : { refused: attempt.error.type ?? 'failed', message: attempt.error.message };
}

const said = ({ called, changed }: { called: Called; changed: string[] }): string => {
  const does = changed.length > 0 ? `changes ${changed.join(', ')}` : 'changes nothing';
  return 'refused' in called
    ? `refused: ${called.refused}${changed.length > 0 ? `; ${does}` : ''}`
    : `answers; ${does}`;
};

/** They end what the others are tried on. */
const last = ['closeGate', 'unhide', 'undoRemoval', 'releaseTarget'];

const held = /not to be on hold, found a hold since .* \(incident elsewhere\)|not before .* as its order says/;

test('approved as it is, nothing is changed while it is on hold, nor before its time', async () => {
  const before = await look();
  for (const name of ['backup', 'finalCopy', 'freeze', 'deploy', 'flushCache', 'setMaintenance']) {
    const one = { name, role: 'production' as const };
    expect([name, await byForeigner(one)]).toMatchObject([
      name,
      { refused: expect.stringMatching(/^(NotDecided|WrongState)$/) },
    ]);
    const called = await byItsOwnWorkflow(one, facts.votes);
    expect([name, called]).toMatchObject([name, { refused: 'WrongState', message: expect.stringMatching(held) }]);
  }
  expect(await look()).toEqual(before);
});

test('whatever is called, by whomever, production is as it was: the list of SECURITY.md', async () => {
  const before = await look();
  const all = served();
  expect([...new Set(all.map(({ name }) => name))].sort()).toEqual(Object.keys(askers).sort());
  const rows: string[][] = [];
  for (const one of all.filter(({ role, name }) => role !== 'staging' || !isIn(all, 'production', name))) {
    rows.push([one.name, said(await changedBy(() => byForeigner(one)))]);
  }
  expect(await look()).toMatchObject({ production: before['production'], rollout: before['rollout'] });
  const inOrder = [...rows].sort(([a = ''], [b = '']) => last.indexOf(a) - last.indexOf(b));
  for (const row of inOrder) {
    const one = all.find(({ name, role }) => name === row[0] && role !== 'staging');
    if (one !== undefined) row.push(said(await changedBy(() => byItsOwnWorkflow(one))));
  }
  expect((await look())['production']).toEqual(before['production']);
  const list = table(['activity', 'asked by another workflow', 'by its own, without approvals'], rows.sort(byName));
  expectGoldenPart(join(__dirname, '../../../SECURITY.md'), 'with Temporal alone', list);
});

const byName = ([a = '']: string[], [b = '']: string[]): number => a.localeCompare(b);

const isIn = (all: { name: string; role: Role }[], role: Role, name: string): boolean =>
  all.some((one) => one.role === role && one.name === name);
