import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindEnvironment } from '../../../activities/environment/environment';
import { createTakeSample } from '../../../activities/evidence/take-sample';
import { assess, type Sample, type SamplePosition } from '../../../contract/run/samples';
import { headerOfKey } from '../../../dev/sample-application/sample-key';
import { asActivity } from '../../support/looks/as-activity';
import { knownTo } from '../../support/inputs/known-plan';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase3' })));
afterAll(() => staged.close());

const look = async (position?: SamplePosition, environment: FindEnvironment = staged.find): Promise<Sample> => {
  const plan = await knownTo(staged.environment, staged.plan);
  return createTakeSample({ environment })({ target: 'agent-api', ...plan, ...(position && { position }) });
};

/** Opens a window, does something, and looks at it. */
async function lookAfter(happens: () => unknown, environment?: FindEnvironment): Promise<Sample> {
  const { next } = await look(undefined, environment);
  await happens();
  return look(next, environment);
}

const valueOf = (sample: Sample, rule: string) => sample.readings.find((reading) => reading.rule === rule)?.value;

async function callAsStranger(path: string): Promise<void> {
  const { data } = staged.stage;
  const headers = { 'X-API-Key': headerOfKey(data.keys[5]!), connection: 'close' };
  await fetch(staged.environment.application.url + path, { headers }).then((response) => response.text());
}

test('a first look proves nothing and hands on where to go on', async () => {
  const sample = await look();
  expect(sample).toMatchObject({
    requests: 0,
    readings: [],
    blind: ['first look: the log is read from here on'],
    broken: [],
    next: { canaries: 1 },
  });
  expect(assess(sample).verdict).toBe('missing');
});

test('our own refused calls are known as ours, so an application that is well is green', async () => {
  const sample = await lookAfter(() => undefined);
  expect(sample.blind).toEqual([]);
  expect(sample.broken).toEqual([]);
  expect(valueOf(sample, 'ownership failures')).toBe(0);
  expect(valueOf(sample, 'errors in the log')).toBe(0);
  expect(sample.requests).toBeGreaterThan(5);
  expect(assess(sample).verdict).toBe('green');
});

test('looks of others, and those of an attempt that died, are not taken for failures', async () => {
  const sample = await lookAfter(async () => {
    await look();
    await look();
  });
  expect(valueOf(sample, 'ownership failures')).toBe(0);
  expect(assess(sample).verdict).toBe('green');
});

test('each sample sees what came after the last one, and only that', async () => {
  const { next } = await look();
  await callAsStranger(`/api/v1/assistants/${staged.stage.data.otherAssistantId}`);
  const red = await look(next);
  expect(valueOf(red, 'ownership failures')).toBe(1);
  expect(assess(red)).toEqual({
    verdict: 'critical',
    because: ['ownership failures: expected at most 0 events, found 1'],
  });
  expect(assess(await look(red.next)).verdict).toBe('green');
});

test('a real failure is told from a wrong owner, which has the same event', async () => {
  const event = 'Failed to retrieve session from database';
  const sample = await lookAfter(() => {
    staged.log(event, { level: 'error', error: '403: Access to this session is denied' });
    staged.log(event, { level: 'error', error: '(sqlalchemy.dialects.postgresql.asyncpg.ProgrammingError) no column' });
  });
  expect(valueOf(sample, 'errors in the log')).toBe(1);
  expect(assess(sample).verdict).toBe('red');
});

test('failed and slow requests are measured', async () => {
  const sample = await lookAfter(() => {
    for (let n = 0; n < 50; n += 1) staged.log('request_completed', { status_code: 500, duration_ms: 2_000 });
  });
  expect(valueOf(sample, 'failed requests')).toBeGreaterThan(0.5);
  expect(valueOf(sample, 'slow requests')).toBeGreaterThan(1_900);
  expect(assess(sample).because).toHaveLength(2);
});

test('a change of release goes on in the same log', async () => {
  const sample = await lookAfter(() => staged.serve('phase3'));
  expect(assess(sample)).toEqual({ verdict: 'green', because: [] });
});

test('an application that is down is broken, critically, and not merely unknown', async () => {
  const { next } = await look();
  await staged.stopServing();
  const sample = await look(next);
  await staged.serve('phase3');
  expect(sample.broken[0]).toMatch(/^health: expected a healthy answer, found no answer/);
  expect(sample.broken).toContainEqual(expect.stringMatching(/^probe list own sessions: /));
  expect(assess(sample).verdict).toBe('critical');
  expect(sample.next.canaries).toBe(0);
  expect((await look(sample.next)).blind).toContainEqual(expect.stringContaining('expected a refused call by Rubicon'));
});

test('a database that can not be asked for samples is unknown, without its password', async () => {
  const postgresUrl = 'postgres://agent:planted-password@127.0.0.1:1/agent';
  const sample = await look(undefined, staged.findWith({ postgresUrl }));
  expect(sample.blind).toContainEqual(expect.stringMatching(/^probe read an own session: .*can't be selected/));
  expect(sample.next.canaries).toBe(0);
  expect(JSON.stringify(sample)).not.toContain('planted-password');
});

test('a sample holds no key, no hash and no id of a row', async () => {
  const text = JSON.stringify(await lookAfter(() => callAsStranger('/api/v1/sessions')));
  const { probeKey, otherKey, ownSessionId, otherSessionId, publicSessionId } = staged.stage.data;
  for (const secret of [probeKey, otherKey, ownSessionId, otherSessionId, publicSessionId, 'let-me-through']) {
    expect(text).not.toContain(secret);
  }
});

test('a cancelled look ends at once', async () => {
  const signal = AbortSignal.timeout(50);
  const { error } = await asActivity(() => lookAfter(() => undefined), { signal });
  expect(error).toBe(signal.reason);
});

describe('a log of which we know less', () => {
  let logFile = '';
  let count = 0;
  let find: FindEnvironment;

  beforeEach(() => {
    count += 1;
    logFile = join(staged.folder, `own-${count}.log`);
    find = staged.findWith({}, { logFile });
    write('request_completed', { status_code: 200, duration_ms: 3 });
  });

  const write = (event: string, fields: object = {}, times = 1): void => {
    const line = JSON.stringify({ ...fields, event, level: 'info', timestamp: new Date().toISOString() });
    appendFileSync(logFile, `${line}\n`.repeat(times));
  };
  const request = (): void => write('request_completed', { status_code: 200, duration_ms: 3 });
  const refusal = (times = 1): void => write('ownership_check_failed', {}, times);

  test('without paths in the lines, as many refusals are ours as we have made calls', async () => {
    const sample = await lookAfter(() => {
      request();
      refusal(3);
    }, find);
    expect(valueOf(sample, 'ownership failures')).toBe(2);
    expect(sample.blind).toEqual([]);
  });

  test('a line that is written late is waited for', async () => {
    const sample = await lookAfter(() => {
      request();
      setTimeout(refusal, 600);
    }, find);
    expect(assess(sample)).toEqual({ verdict: 'green', because: [] });
  });

  test('an event with another name, a log of another application: unknown', async () => {
    const sample = await lookAfter(() => {
      request();
      write('ownership_denied');
    }, find);
    expect(valueOf(sample, 'ownership failures')).toBe(0);
    expect(assess(sample)).toMatchObject({
      verdict: 'missing',
      because: [
        expect.stringContaining('expected the refused call by Rubicon as "ownership_check_failed", found none'),
      ],
    });
  });

  test('a window without requests: unknown', async () => {
    const sample = await lookAfter(() => refusal(), find);
    expect(sample.requests).toBe(0);
    expect(assess(sample)).toMatchObject({
      verdict: 'missing',
      because: [
        expect.stringContaining('expected lines "request_completed", found none'),
        'failed requests: not measured',
        'slow requests: not measured',
      ],
    });
  });

  test('what was rotated beside the log is read to its end', async () => {
    const sample = await lookAfter(() => {
      request();
      refusal(2);
      renameSync(logFile, `${logFile}.1`);
      request();
    }, find);
    expect(sample).toMatchObject({ requests: 2, blind: [] });
    expect(valueOf(sample, 'ownership failures')).toBe(1);
  });

  test.each<[string, () => void, RegExp]>([
    ['was rotated away', () => (renameSync(logFile, `${logFile}-gone`), request(), refusal()), /was rotated/],
    ['was truncated and grew again', () => (truncateSync(logFile), request(), refusal()), /was replaced/],
    ['was emptied', () => truncateSync(logFile), /was truncated/],
    ['was replaced', () => (writeFileSync(logFile, 'x'.repeat(2_000)), request(), refusal()), /was replaced/],
    ['is gone', () => renameSync(logFile, join(staged.folder, 'elsewhere')), /there is no such file/],
  ])('a log that %s is unknown, never healthy', async (_, happens, reason) => {
    const sample = await lookAfter(happens, find);
    expect(assess(sample).verdict).toBe('missing');
    expect(sample.blind).toContainEqual(expect.stringMatching(reason));
  });

  test('a log that is not there can not be opened; the next look tries again', async () => {
    const nowhere = staged.findWith({}, { logFile: join(staged.folder, 'nowhere.log') });
    const { blind, next } = await look(undefined, nowhere);
    expect(blind).toEqual([expect.stringMatching(/^first look/), expect.stringMatching(/there is no such file/)]);
    expect((await look(next, nowhere)).blind).toEqual(blind.map(() => expect.any(String) as string));
  });

  test('settings without a log: unknown', async () => {
    const { logFile: _, ...application } = staged.environment.application;
    const none: FindEnvironment = () => ({ ...staged.environment, application });
    expect((await look(undefined, none)).blind).toEqual(['log: the settings name no log of the application']);
  });
});
