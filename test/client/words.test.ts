import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { jsonReport } from '../../report/json';
import { command, commandProcess, type Ran } from '../support/looks/command-line';
import { doneFacts, usedCode } from '../support/looks/facts';
import { quietRuntime } from '../support/servers/quiet-runtime';
import { createNamespace, workflowBundle } from '../support/servers/servers';

let place: { address: string; namespace: string };
let connection: Connection;
let client: Client;
let native: NativeConnection;
let folder: string;
let workflowId: string;
let number = 0;

beforeAll(async () => {
  quietRuntime();
  [place, folder] = await Promise.all([createNamespace(), mkdtemp(join(tmpdir(), 'rubicon-client-'))]);
  [connection, native] = await Promise.all([Connection.connect(place), NativeConnection.connect(place)]);
  client = new Client({ connection, namespace: place.namespace });
});

afterAll(async () => {
  await Promise.all([connection.close(), native.close(), rm(folder, { recursive: true, force: true })]);
});

beforeEach(async () => {
  workflowId = `agent-api/plan-${++number}/2026-11`;
});

const at = (): string[] => ['--address', place.address, '--namespace', place.namespace];
const rubicon = (...args: string[]): Promise<Ran> => command([...args, ...at()]);

/** Serves the stand-ins until the returned function is called. */
async function startWorker(): Promise<() => Promise<void>> {
  const worker = await Worker.create({
    connection: native,
    namespace: place.namespace,
    taskQueue: 'rubicon',
    workflowBundle: await workflowBundle(join(__dirname, '../support/workflows/fake-rollout.ts')),
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}

async function withWorker(body: () => Promise<void>): Promise<void> {
  const stop = await startWorker();
  await body().finally(stop);
}

const start = (...more: string[]): Promise<Ran> =>
  rubicon('start', '--plan', 'a-plan', '--requested-by', 'maria', '--id', workflowId, ...more);

/** As Temporal UI starts it. */
const startPlainly = (id: string) =>
  client.workflow.start('rollout', {
    workflowId: id,
    taskQueue: 'rubicon',
    args: [{ plan: 'a-plan', requestedBy: 'maria' }],
  });

const codeFile = async (code: string): Promise<string> => {
  const file = join(folder, 'code');
  await writeFile(file, `${code}\n`);
  return file;
};

describe('while a worker lives', () => {
  let stop: () => Promise<void>;
  beforeAll(async () => {
    stop = await startWorker();
  });
  afterAll(() => stop());

  test('a rollout is started, seen, decided and reported', async () => {
    const started = await start();
    expect(started).toMatchObject({ code: 0, out: `${workflowId}\n` });
    expect(started.err).toContain('Temporal UI: http://');
    expect(started.err).toContain(`rubicon status -w ${workflowId}`);

    const status = await rubicon('status', workflowId);
    expect(status.code).toBe(5);
    expect(status.out).toContain('waits: 2 approvals for production, 1 given');
    expect(status.out).not.toContain(usedCode);
    expect(await rubicon('why', workflowId)).toEqual({ code: 5, out: 'Waits: for the test\n', err: '' });

    const wrong = await rubicon('approve', workflowId, '--code-file', await codeFile('WRONG'));
    expect(wrong).toEqual({ code: 3, out: 'refused: wrong code\n', err: '' });
    const right = await rubicon('approve', workflowId, '--code-file', await codeFile('RIGHT'));
    expect(right).toEqual({ code: 0, out: 'accepted: took approve\n', err: '' });

    const ended = await rubicon('status', workflowId, '-w');
    expect(ended.code).toBe(0);
    expect(ended.out).toContain('✓ done: the columns are gone');
    const report = await rubicon('report', workflowId);
    expect(report.code).toBe(0);
    expect(report.out).toMatch(/^# ✓ drop-plaintext-api-keys on agent-api: done/);
    expect(report.out).not.toContain(usedCode);

    const late = await rubicon('hold', workflowId, '--reason', 'x');
    expect(late).toMatchObject({ code: 3, err: expect.stringContaining('it has ended (done)') });
  });

  test('JSON says who answered, and holds no code', async () => {
    await start();
    const status = await rubicon('status', workflowId, '-o', 'json');
    expect(JSON.parse(status.out)).toMatchObject({
      source: 'worker',
      record: { workflowId, open: true, status: 'running' },
      facts: { phase: 'approval', votes: [{ person: 'anna', code: '(redacted)' }] },
    });
    expect(JSON.parse((await rubicon('why', workflowId, '-o', 'json')).out)).toMatchObject({ source: 'worker' });
    const resumed = await rubicon('resume', workflowId, '-o', 'json');
    expect(JSON.parse(resumed.out)).toEqual({ sentAs: 'update', accepted: true, because: 'took resume' });
    const report = await rubicon('report', workflowId, '-o', 'json');
    expect(report.code).toBe(5);
    await writeFile(join(folder, 'report.json'), report.out);
    expect(await command(['report', '--verify', join(folder, 'report.json')])).toMatchObject({ code: 0 });
  });

  test('start --wait tells what happens, and ends as the rollout ends', async () => {
    const waiting = start('--wait');
    await until(async () => (await rubicon('abort', workflowId, '--reason', 'not today')).code === 0);
    const ended = await waiting;
    expect(ended.code).toBe(3);
    expect(ended.out).toBe(`${workflowId}\naborted: not today\n`);
    expect(ended.err).toContain('○ aborted: not today');
  });

  test('start --wait with a limit gives up, while the rollout goes on', async () => {
    expect(await start('--wait', '1 ms')).toMatchObject({ code: 5 });
    expect((await rubicon('status', workflowId)).code).toBe(5);
  });

  test('an order that only the worker can refuse is a fault of usage, with its reason', async () => {
    // The stand-in takes orders of rollouts, so it refuses that of a rollback.
    const refused = await rubicon('rollback', workflowId, '--requested-by', 'otto', '--reason', 'clients report 401');
    expect(refused).toMatchObject({ code: 2, out: `${workflowId}/rollback\n` });
    expect(refused.err).toContain("can't be started with this input");
    expect((await rubicon('status', `${workflowId}/rollback`)).code).toBe(1);
  });

  test('an id that is taken gets the next number, unless it was asked for', async () => {
    const plan = `plan-${number}`;
    const order = ['start', '--plan', plan, '--target', 'agent-api', '--requested-by', 'maria'];
    const first = await rubicon(...order);
    expect(first.out).toMatch(new RegExp(`^agent-api/${plan}/\\d{4}-\\d{2}\\n$`));
    expect((await rubicon(...order)).out).toBe(first.out.replace('\n', '-2\n'));
    const exact = await rubicon(...order, '--id', first.out.trim());
    expect(exact).toMatchObject({ code: 2, out: '', err: expect.stringContaining('found one that is taken') });
  });

  test('the identity of whoever asks for it stands in the history', async () => {
    await start();
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(events?.[0]?.workflowExecutionStartedEventAttributes?.identity).toBe('rubicon:maria');
  });

  test('an answer that takes its time is waited for', async () => {
    await start();
    const held = rubicon('hold', workflowId, '--reason', 'incident');
    await until(async () => (await rubicon('status', workflowId)).out.includes('on hold'));
    await rubicon('abort', workflowId, '--reason', 'not today');
    expect(await held).toMatchObject({ code: 0, out: 'accepted: took hold\n' });
  });

  test('a rollback is ordered once at a time', async () => {
    const input = { plan: 'a-plan', requestedBy: 'otto' };
    await client.workflow.start('rollback', {
      workflowId: `${workflowId}/rollback`,
      taskQueue: 'rubicon',
      args: [input],
    });
    const second = await rubicon('rollback', workflowId, '--requested-by', 'otto', '--reason', 'again');
    expect(second).toMatchObject({ code: 3, out: '', err: expect.stringContaining('is already running') });
  });

  test('at a terminal the code and the reason are asked for', async () => {
    await start();
    const approved = await command(['approve', workflowId, ...at()], ['WRONG']);
    expect(approved).toMatchObject({ code: 3, err: expect.stringContaining('Code from your direct message') });
    const rejected = await command(['reject', workflowId, ...at()], ['too old']);
    expect(rejected).toMatchObject({ code: 0, err: expect.stringContaining('Reason') });
  });

  test('what is no rollout is not sent anything', async () => {
    await client.workflow.start('aftercare', { workflowId, taskQueue: 'rubicon' });
    const sentTo = await rubicon('abort', workflowId, '--reason', 'x');
    expect(sentTo).toMatchObject({ code: 2, err: expect.stringContaining('found a workflow of type aftercare') });
  });

  test('Ctrl-C ends the watching, not the rollout', async () => {
    await start();
    const args = ['status', workflowId, '-w', ...at()];
    const watched = await commandProcess(args, { interruptWhen: /waits: / });
    expect(watched).toMatchObject({ code: 130, err: expect.stringContaining('the rollout continues') });
    expect((await rubicon('status', workflowId)).code).toBe(5);
  });
});

describe('without a worker', () => {
  test("status, why and report answer from Temporal's record and say so", async () => {
    const ended = `${workflowId}-ended`;
    await withWorker(async () => {
      await start();
      await startPlainly(ended);
      await rubicon('abort', ended, '--reason', 'not today');
      expect((await rubicon('status', ended, '-w')).code).toBe(3);
    });
    const words = [
      ['status', workflowId],
      ['why', workflowId],
      ['status', workflowId, '-o', 'json'],
      ['report', workflowId],
      ['status', ended],
      ['report', ended],
    ];
    const ran = await Promise.all(words.map((word) => rubicon(...word)));
    const [status, why, json, report, statusOfEnded, reportOfEnded] = ran as [Ran, Ran, Ran, Ran, Ran, Ran];
    expect(status).toMatchObject({ code: 5, out: expect.stringContaining(`${workflowId}: rollout, running`) });
    expect(status.out).toContain("from Temporal's own record, which may be old");
    expect(status.out).toContain('Waits: says the memo');
    expect(why).toMatchObject({ code: 5, out: 'Waits: says the memo\n', err: expect.stringContaining('may be old') });
    expect(JSON.parse(json.out)).toMatchObject({ source: 'temporal', record: { workflowId } });
    expect(report).toMatchObject({ code: 1, err: expect.stringContaining('rubicon worker') });
    expect(statusOfEnded).toMatchObject({ code: 3, out: expect.stringContaining('aborted: not today') });
    expect(reportOfEnded).toMatchObject({ code: 1, err: expect.stringContaining('/reports/one.md') });
  });

  test('an order and a message wait until a worker is there', async () => {
    expect(await start()).toMatchObject({ code: 0, err: expect.stringContaining('rubicon worker') });
    const sent = await rubicon('abort', workflowId, '--reason', 'not today');
    expect(sent).toMatchObject({ code: 5, out: expect.stringContaining('sent, not answered yet') });
    await withWorker(async () => {
      expect((await rubicon('status', workflowId, '-w')).out).toContain('aborted: not today');
    });
  });

  test('rollouts are listed, also those that have not begun', async () => {
    await startPlainly(workflowId);
    await until(async () => (await rubicon('list', '--limit', '50')).out.includes(workflowId));
    const listed = await rubicon('list', '--limit', '50');
    expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/^ID +STATE +WAITS FOR +STARTED\n/) });
    const json = await rubicon('list', '--open', '-o', 'json', '--limit', '50');
    expect(JSON.parse(json.out)).toContainEqual(expect.objectContaining({ workflowId, type: 'rollout' }));
    const none = await rubicon('list', '--plan', 'a "quoted" one');
    expect(none).toMatchObject({ code: 0, out: '', err: 'None found.\n' });
  });
});

test('an unknown id, an unknown namespace and a dead server are said with what to do', async () => {
  const id = await rubicon('status', 'nobody');
  expect(id).toMatchObject({ code: 2, err: expect.stringContaining('npx rubicon list') });
  const namespace = await command(['status', 'x', '--address', place.address, '--namespace', 'nowhere']);
  expect(namespace).toMatchObject({ code: 2, err: expect.stringContaining('TEMPORAL_NAMESPACE') });
  const server = await command(['status', 'x', '--address', '127.0.0.1:1']);
  expect(server).toMatchObject({ code: 1, err: expect.stringContaining('Expected a Temporal server at 127.0.0.1:1') });
});

test('the connection comes from the environment, as for the temporal CLI', async () => {
  const environment = { TEMPORAL_ADDRESS: place.address, TEMPORAL_NAMESPACE: place.namespace };
  const listed = await commandProcess(['list', '-o', 'json'], { environment });
  expect(listed.code).toBe(0);
  expect(Array.isArray(JSON.parse(listed.out))).toBe(true);
});

test('a JSON report that was changed does not verify', async () => {
  const file = join(folder, 'changed.json');
  await writeFile(file, jsonReport(doneFacts()).replace('"by": "ben"', '"by": "carl"'));
  expect(await command(['report', '--verify', file])).toMatchObject({
    code: 1,
    out: expect.stringContaining('was changed'),
  });
  expect(await command(['report', '--verify', join(folder, 'none')])).toMatchObject({ code: 2 });
});

/** Waits for what Temporal shows a moment later. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await isSo())) if (Date.now() > end) throw new Error('expected it to become so within 15 s');
}
