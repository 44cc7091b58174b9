import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAction, type Action } from '../../../adapters/application/action';
import { waitUntil } from '../../../adapters/application/action-check';
import { runCommand } from '../../../adapters/application/action-command';
import { until } from '../../support/looks/until';
import { isAlive } from '../../support/servers/processes';

const planted = 'planted-secret-42';
const node = (script: string): string[] => [process.execPath, '-e', script];
const timeoutMs = 10_000;

let folder: string;
let server: Server;
let url: string;
let answer: () => { status: number; body: unknown };
let seen: { method: string; url: string; body: string; token: string }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rubicon-action-'));
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const token = String(request.headers.authorization ?? '');
      seen.push({ method: request.method ?? '', url: request.url ?? '', body, token });
      const { status, body: json } = answer();
      response.writeHead(status).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  seen = [];
  answer = () => ({ status: 200, body: {} });
});

const pidIn = async (file: string): Promise<number> => {
  let text = '';
  await until(async () => (text = await readFile(file, 'utf8').catch(() => '')) !== '');
  return Number(text);
};

describe('an action that is a command', () => {
  it('runs as it is, without a shell, with its parameters in the environment', async () => {
    const script = 'console.log(process.argv[1], process.env.RUBICON_RELEASE, process.env.RUBICON_IS_ON)';
    const command = [...node(script), '$HOME; echo "x"'];
    const outcome = await runAction({ command }, { parameters: { release: 'phase3', isOn: true }, timeoutMs });
    expect(outcome).toEqual({ kind: 'done', tookMs: expect.any(Number), output: ['$HOME; echo "x" phase3 true'] });
  });

  it('gets nothing of our environment but what every program needs', async () => {
    process.env.RUBICON_APPROVAL_KEY = planted;
    try {
      const command = node('console.log(Object.keys(process.env).sort().join(), process.env.PATH !== undefined)');
      const outcome = await runCommand({ command, environment: { KUBECONFIG: '/x' }, timeoutMs });
      expect(outcome.output[0]).toContain('KUBECONFIG');
      expect(outcome.output[0]).toContain('true');
      expect(outcome.output[0]).not.toContain('RUBICON');
    } finally {
      delete process.env.RUBICON_APPROVAL_KEY;
    }
  });

  it('gives its exit status and its last 20 lines, without secrets', async () => {
    const script = `for (let i = 0; i < 50; i++) console.log('line', i);
      console.error('${planted} and', process.env.DEPLOY_TOKEN, 'password=hunter2'); process.exit(3)`;
    const action: Action = { command: node(script), environment: { DEPLOY_TOKEN: 'token-in-environment' } };
    const outcome = await runAction(action, { timeoutMs, secrets: [planted] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'expected exit status 0, found 3' });
    const output = 'output' in outcome ? outcome.output : [];
    expect(output).toHaveLength(20);
    expect(output).toContain('*** and *** password=***');
  });

  it('says when the program is not there', async () => {
    const outcome = await runAction({ command: ['/no/such/program'] }, { timeoutMs });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'could not start "/no/such/program": ENOENT' });
  });

  it('is ended at its limit together with what it started', async () => {
    const file = join(folder, 'grandchild');
    const script = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid)); setInterval(() => {}, 1000)`;
    const outcome = await runAction({ command: node(script) }, { timeoutMs: 700 });
    expect(outcome).toMatchObject({
      kind: 'timed-out',
      reason: 'expected it to end within 700 ms, found it running; stopped it',
    });
    const pid = await pidIn(file);
    await until(() => !isAlive(pid));
  });

  it('does not wait for what it leaves in the background', async () => {
    const file = join(folder, 'background');
    const script = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' });
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid)); child.unref(); console.log('started')`;
    const outcome = await runAction({ command: node(script) }, { timeoutMs });
    expect(outcome).toMatchObject({ kind: 'done', output: ['started'] });
    const pid = await pidIn(file);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid);
  });

  it('is ended by a cancel, which is thrown when it is gone', async () => {
    const file = join(folder, 'cancelled');
    const script = `require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const running = runAction({ command: node(script) }, { timeoutMs, signal: cancel.signal });
    const pid = await pidIn(file);
    cancel.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('an action that is a POST', () => {
  it('sends its parameters as JSON', async () => {
    const action = { post: `${url}/deploy?wait=1`, headers: { authorization: `Bearer ${planted}` } };
    const outcome = await runAction(action, { parameters: { release: 'phase3', on: true }, timeoutMs });
    expect(outcome).toEqual({ kind: 'done', tookMs: expect.any(Number), output: [] });
    const body = '{"release":"phase3","on":true}';
    expect(seen).toEqual([{ method: 'POST', url: '/deploy?wait=1', body, token: `Bearer ${planted}` }]);
  });

  it('has failed with any status but 2xx', async () => {
    answer = () => ({ status: 409, body: { error: planted } });
    const outcome = await runAction({ post: url }, { timeoutMs });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'expected status 2xx, found 409', output: [] });
  });

  it('says when nobody answers, and when the URL is none', async () => {
    expect(await runAction({ post: 'http://127.0.0.1:2/' }, { timeoutMs })).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await runAction({ post: `not a URL ${planted}` }, { timeoutMs })).toMatchObject({
      kind: 'failed',
      reason: 'expected a URL in the settings',
    });
  });
});

it('an action for a person is handed on', async () => {
  const outcome = await runAction({ person: 'Put phase3 on the servers.' }, { timeoutMs });
  expect(outcome).toEqual({ kind: 'person', instruction: 'Put phase3 on the servers.' });
});

describe('waiting for a check', () => {
  const check = { get: '', expect: { 'state.release': '$release', 'items.0.on': true } };
  const options = { limitMs: 5_000, everyMs: 20, parameters: { release: 'phase3' } };

  it('ends as soon as every value is there', async () => {
    answer = () => ({
      status: 200,
      body: { state: { release: seen.length < 3 ? 'phase2' : 'phase3' }, items: [{ on: true }] },
    });
    expect(await waitUntil({ ...check, get: url }, options)).toEqual({
      kind: 'held',
      attempts: 3,
      tookMs: expect.any(Number),
      last: 'as expected',
    });
  });

  it('waits until it holds several times in a row, if asked', async () => {
    answer = () => ({ status: 200, body: { release: seen.length === 2 ? 'phase2' : 'phase3' } });
    const outcome = await waitUntil({ get: url, expect: { release: 'phase3' } }, { ...options, inARow: 3 });
    expect(outcome).toMatchObject({ kind: 'held', attempts: 5 });
  });

  it('says at the limit what was expected and found', async () => {
    answer = () => ({ status: 503, body: { state: { release: `phase2 ${planted}` } } });
    const outcome = await waitUntil(
      { ...check, get: url },
      { ...options, limitMs: 2_000, everyMs: 50, secrets: [planted] },
    );
    expect(outcome).toMatchObject({
      kind: 'not-held',
      last: 'status 503; expected state.release = "phase3", found "phase2 ***"; expected items.0.on = true, found nothing',
    });
    expect(outcome.attempts).toBeGreaterThan(1);
  });

  it('says what the last look found that had time for an answer', async () => {
    answer = () => {
      const until = performance.now() + 880;
      while (performance.now() < until); // a slow application, which leaves a second look some 50 ms
      return { status: 503, body: {} };
    };
    const outcome = await waitUntil({ get: url, expect: {} }, { limitMs: 1_000, everyMs: 50 });
    expect(outcome).toMatchObject({ kind: 'not-held', attempts: 1, last: expect.stringContaining('503') });
  });

  it('takes no answer as "not yet"', async () => {
    const outcome = await waitUntil({ get: 'http://127.0.0.1:2/', expect: {} }, { limitMs: 2_000, everyMs: 5_000 });
    expect(outcome).toMatchObject({ kind: 'not-held', last: expect.stringContaining('ECONNREFUSED') });
  });

  it('looks once even without time', async () => {
    expect(await waitUntil({ get: url, expect: {} }, { limitMs: 2_000, everyMs: 5_000 })).toMatchObject({
      kind: 'held',
      attempts: 1,
    });
  });

  it('takes the exit status of a command', async () => {
    const command = node('process.exit(process.env.RUBICON_RELEASE === "phase3" ? 0 : 1)');
    expect(await waitUntil({ command }, options)).toMatchObject({ kind: 'held' });
    const wrong = { ...options, limitMs: 4_000, everyMs: 10_000, parameters: { release: 'phase2' } };
    expect(await waitUntil({ command }, wrong)).toMatchObject({
      kind: 'not-held',
      last: 'expected exit status 0, found 1',
    });
  });

  it('stops at a cancel', async () => {
    answer = () => ({ status: 200, body: {} });
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const waiting = waitUntil(
      { ...check, get: url },
      { ...options, everyMs: 60_000, limitMs: 600_000, signal: cancel.signal },
    );
    await until(() => seen.length === 1);
    cancel.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
