import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { permanent } from '../../contract/run/failures';
import { taskQueues, type Role } from '../../contract/run/names';
import type { AftercareInput, AftercareSeen } from '../../contract/activities/aftercare';
import type { ControlActivities } from '../../contract/activities/control-activities';
import type { EnvironmentActivities } from '../../contract/activities/environment-activities';
import type { Destruction } from '../../contract/run/receipts';
import { newRun } from '../support/stages/sample-environment';
import { workflowBundle } from '../support/servers/servers';
import { skipTime } from '../support/servers/skip-time';
import { openTestTemporal, type TestTemporal } from '../support/servers/temporal-client';
import { until } from '../support/looks/until';

jest.setTimeout(60_000);

const day = 86_400;
const gone: Destruction = {
  ...{ destroyed: true, at: '2026-12-24T10:00:04.000Z', files: 4, missing: [], record: 'destroyed/a.json' },
};
const kept: Destruction = { destroyed: false, because: 'its state row is "open"', againInMs: day * 1_000 };

let at: TestTemporal;
let native: NativeConnection;
beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
});
afterAll(async () => {
  await native.close();
  await at.close();
});

/** Answers in their order, the last one for ever; what was asked, in its order. */
interface ObservedState {
  production: (Destruction | Error)[];
  staging: (Destruction | Error)[];
  target: (Error | undefined)[];
  did: string[];
  told: string[];
}

const next = <T>(answers: T[]): T => (answers.length > 1 ? answers.shift() : answers[0]) as T;

type Asked = { run: { workflowId: string }; askedBy: string };

function activitiesOf(observed: ObservedState, role: Role): object {
  const destroy = async (name: 'staging' | 'production', { askedBy }: Asked): Promise<Destruction> => {
    observed.did.push(`destroy ${name}: ${askedBy}`);
    const answer = next(observed[name]);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  if (role === 'staging') return { destroyBackups: (input: Asked) => destroy('staging', input) };
  if (role === 'production') {
    const production: Partial<EnvironmentActivities> = {
      destroyBackups: (input) => destroy('production', input),
      takeSample: async () => ({
        ...{ at: new Date().toISOString(), requests: 1, readings: [], blind: [], broken: [] },
        next: { log: {}, canaries: 0 },
      }),
    };
    return production;
  }
  const control: Partial<ControlActivities> = {
    acquireTarget: async () => {
      const refused = next(observed.target);
      observed.did.push(refused === undefined ? 'take the target' : 'the target is taken');
      if (refused !== undefined) throw refused;
    },
    releaseTarget: async () => void observed.did.push('free the target'),
    announce: async ({ text }) => void observed.told.push(text),
  };
  return control;
}

/** Runs one aftercare with workers of its own that answer as `world` says. */
async function withAftercare(
  change: Partial<AftercareInput>,
  answers: Partial<ObservedState>,
  story: (care: Care, observed: ObservedState) => Promise<void>,
): Promise<void> {
  const observed: ObservedState = {
    production: [gone],
    staging: [gone],
    target: [undefined],
    did: [],
    told: [],
    ...answers,
  };
  const roles = Object.keys(taskQueues) as Role[];
  const workers = await Promise.all(
    roles.map(async (role) =>
      Worker.create({
        ...{ connection: native, namespace: at.namespace, taskQueue: taskQueues[role] },
        activities: activitiesOf(observed, role),
        ...(role === 'control' && { workflowBundle: await workflowBundle() }),
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  try {
    await story(await start(change), observed);
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

type Care = Awaited<ReturnType<typeof start>>;

async function start(change: Partial<AftercareInput>) {
  const workflowId = randomUUID();
  const input: AftercareInput = {
    ...{ run: newRun(), planName: 'drop-it', destroyAt: new Date(Date.now() + 30 * day * 1_000).toISOString() },
    left: { staging: { backup: 'a' }, production: { backup: 'b', copy: 'c' } },
    ...change,
  };
  const client = new Client({ connection: at.client.connection, namespace: at.namespace });
  const handle = await client.workflow.start('aftercare', { workflowId, taskQueue: 'rubicon', args: [input] });
  return {
    ...{ workflowId, input },
    seen: () => handle.query<AftercareSeen>('seen'),
    result: () => handle.result() as Promise<AftercareSeen>,
    skip: (days: number) => skipTime(at, workflowId, days * day),
    /** It ends in between, and a run that has ended can't be skipped any further. */
    skipToItsEnd: (days: number) => skipTime(at, workflowId, days * day).catch(() => undefined),
  };
}

const looks = {
  ...{ watch: [], probes: [], planDigest: '' },
  durations: {
    ...{ aftercareHourly: '24 hours', aftercareHourlyEvery: '1 hour' },
    ...{ aftercareDaily: '7 days', aftercareDailyEvery: '24 hours' },
  },
};

test('a week of looks, then nothing until the date, then both environments under the lock of the target', async () => {
  await withAftercare({ looks }, {}, async (care, observed) => {
    await care.skip(8);
    expect(await care.seen()).toMatchObject({ looks: 30, notGreen: [], looking: false, destructions: {} });
    await care.skip(21);
    expect(observed.did).toEqual([]);
    await care.skipToItsEnd(2);
    expect(await care.result()).toMatchObject({ destructions: { staging: gone, production: gone } });
    const askedBy = new RegExp(`^destroy (staging|production): \\d{4}-\\d\\d-\\d\\d .* UTC, by ${care.workflowId}$`);
    expect(observed.did).toEqual([
      ...['take the target', expect.stringMatching(askedBy), expect.stringMatching(askedBy), 'free the target'],
    ]);
    expect(observed.told).toEqual([
      'Aftercare of drop-it has ended: 30 looks, 0 not green',
      'Backups of drop-it in staging were destroyed: 4 files, the identity first; recorded in destroyed/a.json of the backup folder',
      'Backups of drop-it in production were destroyed: 4 files, the identity first; recorded in destroyed/a.json of the backup folder',
    ]);
  });
});

test('a rollout that has dropped nothing is not looked after; its backups have a date all the same', async () => {
  await withAftercare({ left: { staging: {} }, destroyAt: new Date().toISOString() }, {}, async (care, observed) => {
    expect(await care.result()).toMatchObject({ looks: 0, destructions: { staging: gone } });
    expect(observed.did).toHaveLength(3);
    expect(observed.told).toHaveLength(1);
  });
});

test('what is missing is said', async () => {
  const missing: Destruction = { ...gone, missing: ['identity of a', 'b/dump.age'] };
  const left = { production: {} };
  await withAftercare(
    { left, destroyAt: new Date().toISOString() },
    { production: [missing] },
    async (care, observed) => {
      await care.result();
      expect(observed.told[0]).toMatch(/; ⚠ not there, and perhaps somewhere else: identity of a, b\/dump.age$/);
    },
  );
});

test('a rollback that holds the target is waited for; what is kept in one environment does not keep the other', async () => {
  const busy = permanent('TargetBusy', 'expected "agent-api" to be free, found it taken by a rollback');
  const answers = { target: [busy, busy, undefined], production: [gone], staging: [kept, new Error('disk'), gone] };
  await withAftercare({ destroyAt: new Date().toISOString() }, answers, async (care, observed) => {
    await until(async () => (await care.seen()).destructions.production !== undefined);
    await care.skip(1 / 24);
    await until(async () => (await care.seen()).destructions.production?.destroyed === true);
    expect((await care.seen()).destructions.staging).toEqual(kept);
    expect(observed.did.filter((did) => did === 'the target is taken')).toHaveLength(2);
    await care.skipToItsEnd(3);
    expect(await care.result()).toMatchObject({ destructions: { staging: gone, production: gone } });
    expect(observed.did.filter((did) => did.startsWith('destroy production'))).toHaveLength(1);
    expect(observed.told).toEqual([
      'Backups of drop-it in staging are not destroyed yet: its state row is "open"; next try in 1 d',
      expect.stringMatching(/^Backups of drop-it in production were destroyed/),
      expect.stringMatching(/^Backups of drop-it in staging were destroyed/),
    ]);
  });
});
