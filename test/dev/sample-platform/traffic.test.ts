import { createServer, type RequestListener } from 'node:http';
import { closeServer, listen } from '../../../dev/sample-application/http';
import { startTraffic, type TrafficResult, type TrafficSettings } from '../../../dev/sample-platform/traffic';
import { openSampleStage, type SampleStage } from '../../support/stages/sample-stage';
import { until } from '../../support/looks/until';

let stage: SampleStage;
beforeAll(async () => {
  stage = await openSampleStage();
});
afterEach(() => stage.reset());
afterAll(() => stage.close());

/** So much traffic, so fast: two owners, so that each of them has its turn with all calls. */
async function send(requests: number, settings: Omit<TrafficSettings, 'keys'>): Promise<TrafficResult> {
  const traffic = startTraffic({ keys: stage.data.keys.slice(2, 4), ratePerSecond: 200, ...settings });
  await until(() => traffic.result().requests >= requests, 30_000);
  return traffic.stop();
}

test.each(['phase2', 'phase3'])('finds nothing wrong with %s', async (release) => {
  const sample = await stage.serve(release);
  const result = await send(100, { frontUrl: sample.url });
  expect(result).toMatchObject({ failed: 0, failedDuringMaintenance: 0, skipped: 0, firstFailures: [] });
  expect(result.requests).toBe(sample.events('request_completed').length);
  const codes = sample.events('request_completed').map(({ status_code }) => status_code);
  expect(new Set(codes)).toEqual(new Set([200, 201, 401]));
  expect(sample.lines.filter((line) => line.includes('ownership_check_failed') || line.includes('"error"'))).toEqual(
    [],
  );
});

test('with strangers each refusal leaves an event in the log, and is right', async () => {
  const sample = await stage.serve('phase3');
  expect(await send(100, { frontUrl: sample.url, strangers: true })).toMatchObject({ failed: 0 });
  expect(sample.events('ownership_check_failed').length).toBeGreaterThan(5);
});

test('notices an old release that lost its columns, without a key in what it tells', async () => {
  const sample = await stage.serve('phase2');
  await stage.database.query('alter table sessions drop column owner_api_key');
  const result = await send(100, { frontUrl: sample.url });
  await stage.renewDatabase();
  expect(result.firstFailures).toHaveLength(10);
  const listed = { method: 'GET', path: '/api/v1/sessions', expected: 'status 200', found: 'status 500' };
  expect(result.firstFailures).toContainEqual(expect.objectContaining(listed));
  expect(JSON.stringify(result)).not.toContain(stage.data.keys[2]);
});

test('notices rows that strangers can read', async () => {
  const sample = await stage.serve('phase2');
  await stage.database.query(`
    create function forget() returns trigger language plpgsql as $$ begin new.owner_api_key = null; return new; end $$;
    create trigger forget before insert on sessions for each row execute function forget();`);
  const result = await send(200, { frontUrl: sample.url, strangers: true });
  await stage.renewDatabase();
  const read = { expected: 'status 404', found: 'status 200' };
  expect(result.firstFailures).toContainEqual(expect.objectContaining(read));
});

describe('an answer with the right status', () => {
  const session = { id: 'a', title: 'Traffic 1', items: [{ id: 'a', title: 'Traffic 1' }] };
  test.each<[string, object, string]>([
    ['an empty list', { items: [] }, 'an empty list'],
    [
      'rows with their owner columns',
      { items: [{ id: 'a', owner_api_key: null }] },
      'the row a with its owner columns',
    ],
    ['a session with another title', { ...session, title: 'other' }, 'title "other" instead of "Traffic 3"'],
  ])('is not enough: %s', async (_sentence, body, found) => {
    const result = await withFront(
      (request, response) => {
        const wrongKey = String(request.headers['x-api-key']).includes('wrong');
        response.writeHead(wrongKey ? 401 : request.method === 'POST' ? 201 : 200).end(JSON.stringify(body));
      },
      (frontUrl) => send(5, { frontUrl }),
    );
    expect(result.firstFailures.map((failure) => failure.found)).toContain(found);
  });
});

test('counts what maintenance refused apart', async () => {
  const result = await withFront(
    (_request, response) => response.writeHead(503, { 'X-Maintenance': 'on' }).end('{}'),
    (frontUrl) => send(20, { frontUrl }),
  );
  expect(result).toMatchObject({ failed: 0, failedDuringMaintenance: result.requests, firstFailures: [] });
});

test('a front that is not there is a failure, not an end', async () => {
  const result = await send(20, { frontUrl: 'http://127.0.0.1:1' });
  expect(result.failed).toBe(result.requests);
  expect(result.firstFailures[0]?.found).toMatch(/^no answer: /);
});

test('has a hundred requests wait for a front that hangs, and skips the others', async () => {
  const answers: (() => void)[] = [];
  const traffic = await withFront(
    (_request, response) => void answers.push(() => response.end('{}')),
    async (frontUrl) => {
      const running = startTraffic({ frontUrl, keys: stage.data.keys, ratePerSecond: 500 });
      await until(() => running.result().skipped > 10);
      expect(running.result().requests).toBe(0);
      const stopped = running.stop();
      await until(() => answers.length === 100);
      answers.forEach((answer) => answer());
      return stopped;
    },
  );
  expect(traffic.requests).toBe(100);
  expect(traffic.slowestMs).toBeGreaterThan(100);
});

async function withFront<T>(front: RequestListener, callback: (frontUrl: string) => Promise<T>): Promise<T> {
  const server = createServer(front);
  const port = await listen(server, 0);
  try {
    return await callback(`http://127.0.0.1:${port}`);
  } finally {
    await closeServer(server, 0);
  }
}
