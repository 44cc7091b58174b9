import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { openSampleStage, type SampleStage, type ServedSample } from '../../support/stages/sample-stage';

let stage: SampleStage;
beforeAll(async () => {
  stage = await openSampleStage();
});
afterEach(() => stage.reset());
afterAll(() => stage.close());

const own = () => `/api/v1/sessions/${stage.data.ownSessionId}`;
const other = () => `/api/v1/sessions/${stage.data.otherSessionId}`;
const ownAssistant = () => `/api/v1/assistants/${stage.data.ownAssistantId}`;
const otherAssistant = () => `/api/v1/assistants/${stage.data.otherAssistantId}`;
const publicSession = () => `/api/v1/sessions/${stage.data.publicSessionId}`;

async function dropPlaintext(): Promise<void> {
  await stage.database.query('alter table sessions drop column owner_api_key');
  await stage.database.query('alter table assistants drop column owner_api_key');
}

async function statuses(sample: ServedSample, paths: string[], key?: string): Promise<number[]> {
  const answers = await Promise.all(paths.map((path) => sample.get(path, key)));
  return answers.map(({ status }) => status);
}

describe.each(['phase2', 'phase3'])('%s', (release) => {
  test('creates, lists and shows a session and an assistant to their owner alone', async () => {
    const { probeKey, otherKey } = stage.data;
    const sample = await stage.serve(release);
    for (const [path, body] of [
      ['/api/v1/sessions', { title: 'a new session' }],
      ['/api/v1/assistants', { name: 'a new assistant', model: 'small' }],
    ] as const) {
      const created = await sample.post(path, probeKey, body);
      expect(created).toMatchObject({ status: 201, body });
      const id = String(created.body.id);
      expect(await sample.get(`${path}/${id}`, probeKey)).toMatchObject({ status: 200, body: { ...body, id } });
      expect((await sample.get(path, probeKey)).body.items).toContainEqual(expect.objectContaining({ id }));
      expect((await sample.get(`${path}/${id}`, otherKey)).status).toBe(404);
      expect((await sample.get(path, otherKey)).body.items).not.toContainEqual(expect.objectContaining({ id }));
    }
  });

  test('answers the same fields whether a row comes from the database or from the cache, and never an owner', async () => {
    const sample = await stage.serve(release);
    const created = await sample.post('/api/v1/sessions', stage.data.probeKey, {});
    const fields = ['created_at', 'id', 'status', 'title', 'updated_at'];
    expect(Object.keys(created.body).sort()).toEqual(fields);
    for (const _fromDatabaseThenCache of [1, 2]) {
      expect(Object.keys((await sample.get(own(), stage.data.probeKey)).body).sort()).toEqual(fields);
    }
    expect(JSON.stringify((await sample.get('/api/v1/sessions', stage.data.probeKey)).body)).not.toContain('owner_');
  });

  test('answers 401 for a wrong key, with no event but the completed request', async () => {
    const sample = await stage.serve(release);
    sample.lines.length = 0;
    const answer = await sample.get(own(), stage.data.wrongKey);
    expect(answer).toMatchObject({ status: 401, body: { detail: 'Invalid API key' } });
    expect(sample.lines).toHaveLength(1);
    expect(sample.events('request_completed')).toMatchObject([{ status_code: 401, method: 'GET', path: own() }]);
  });

  test('accepts the odd keys that a header can carry', async () => {
    const sample = await stage.serve(release);
    for (const key of stage.data.oddKeys.filter((odd) => odd === odd.trim())) {
      expect((await sample.get('/api/v1/assistants', key)).body.items).toHaveLength(1);
    }
  });

  test('logs a refused ownership check, and an error that only its text tells from a failing database', async () => {
    const sample = await stage.serve(release);
    expect((await sample.get(other(), stage.data.probeKey)).status).toBe(404);
    expect(sample.events('ownership_check_failed')).toEqual([
      {
        session_id: stage.data.otherSessionId,
        has_session_hash: true,
        has_request_key: true,
        event: 'ownership_check_failed',
        correlation_id: expect.any(String) as string,
        path: other(),
        method: 'GET',
        client_ip: '127.0.0.1',
        level: 'warning',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      },
    ]);
    expect(sample.events('Failed to retrieve session from database')).toMatchObject([
      { level: 'error', error: '403: Access to this session is denied' },
    ]);
  });

  test('caches what it reads for 24 hours, and the ids of an owner for ever', async () => {
    const sample = await stage.serve(release);
    await statuses(sample, [own(), ownAssistant()], stage.data.probeKey);
    const hash = hashOfKey(stage.data.probeKey);
    for (const [kind, id] of [
      ['session', stage.data.ownSessionId],
      ['assistant', stage.data.ownAssistantId],
    ] as const) {
      expect(await stage.redis.ttl(`${kind}:${id}`)).toBeGreaterThan(86_000);
      expect(await stage.redis.smembers(`${kind}:owner:${hash}`)).toEqual([id]);
      expect(await stage.redis.ttl(`${kind}:owner:${hash}`)).toBe(-1);
    }
  });

  test('leaves the data that is only in Redis as it is', async () => {
    const before = await readPrimaryData();
    const sample = await stage.serve(release);
    await statuses(sample, [own(), ownAssistant(), '/api/v1/sessions', publicSession()], stage.data.probeKey);
    await sample.post('/api/v1/sessions', stage.data.probeKey, {});
    expect(before.size).toBeGreaterThan(500);
    expect(await readPrimaryData()).toEqual(before);
  });

  test('completes each request with its status and duration, which are nowhere else', async () => {
    const sample = await stage.serve(release);
    await sample.get('/api/v1/assistants', stage.data.probeKey);
    expect(sample.events('request_completed')).toMatchObject([
      { status_code: 200, path: '/api/v1/assistants', method: 'GET', level: 'info', duration_ms: expect.any(Number) },
    ]);
    expect((await sample.get('/metrics')).status).toBe(404);
  });

  test('tells its release by its health', async () => {
    const sample = await stage.serve(release);
    for (const path of ['/health', '/api/v1/health']) {
      const healthy = { status: 'ok', release, commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string };
      expect(await sample.get(path)).toMatchObject({ status: 200, body: healthy });
    }
  });

  test.each([
    ['a body that is no JSON', '/api/v1/sessions', 'no'],
    ['a body that is an array', '/api/v1/sessions', '[]'],
    ['a title that is a number', '/api/v1/sessions', '{"title":1}'],
    ['an assistant without a name', '/api/v1/assistants', '{}'],
    ['a body of 100 kB', '/api/v1/assistants', JSON.stringify({ name: 'x'.repeat(100_000) })],
  ])('answers 422 for %s', async (_sentence, path, body) => {
    const sample = await stage.serve(release);
    const response = await fetch(sample.url + path, { method: 'POST', body });
    expect(response.status).toBe(422);
  });

  test.each(['/', '//', '/api/v1/sessions/no-uuid', '/api/v1/sessions/%ff', '/api/v1/others'])(
    'answers 404 for %s',
    async (path) => {
      const sample = await stage.serve(release);
      expect((await sample.get(path)).status).toBe(404);
    },
  );
});

describe('the old release without the plaintext columns', () => {
  afterEach(() => stage.renewDatabase());

  test('breaks quietly: healthy, cached reads go on, an uncached session is not found, the rest fails', async () => {
    const { probeKey, data } = { probeKey: stage.data.probeKey, data: stage.data };
    const sample = await stage.serve('phase2');
    await statuses(sample, [own(), ownAssistant()], probeKey);
    await dropPlaintext();

    expect(await statuses(sample, ['/health', own(), ownAssistant()], probeKey)).toEqual([200, 200, 200]);
    expect((await sample.get(other(), data.otherKey)).status).toBe(404);
    expect(await statuses(sample, ['/api/v1/sessions', '/api/v1/assistants'], probeKey)).toEqual([500, 500]);
    expect((await sample.post('/api/v1/sessions', probeKey, {})).status).toBe(500);
    expect((await sample.post('/api/v1/assistants', probeKey, { name: 'a' })).status).toBe(500);
    expect(sample.events('ownership_check_failed')).toEqual([]);
    const [hidden] = sample.events('Failed to retrieve session from database');
    expect(hidden?.error).toContain('column "owner_api_key" does not exist');
  });

  test('logs the plaintext key of a failing creation, in a traceback between the JSON lines', async () => {
    const sample = await stage.serve('phase2');
    await dropPlaintext();
    await sample.post('/api/v1/sessions', stage.data.probeKey, {});
    const traceback = sample.lines.filter((line) => !line.startsWith('{'));
    expect(traceback[0]).toBe('ERROR:    Exception in ASGI application');
    expect(traceback[1]).toBe('Traceback (most recent call last):');
    expect(traceback.find((line) => line.startsWith('[parameters: '))).toContain(`'${stage.data.probeKey}'`);
    expect(sample.events('request_completed').at(-1)).toMatchObject({ status_code: 500 });
  });
});

describe('the new release', () => {
  test('goes on without a failed request when the columns vanish under it', async () => {
    const { probeKey } = stage.data;
    const sample = await stage.serve('phase3');
    const paths = [own(), ownAssistant(), '/api/v1/sessions', '/api/v1/assistants'];
    let dropped = false;
    const drop = dropPlaintext().then(() => (dropped = true));
    const seen: number[] = [];
    // Past the drop by some rounds, each of which also reads rows that no cache has.
    for (let after = 0; after < 5; after += dropped ? 1 : 0) {
      await stage.redis.del(`session:${stage.data.ownSessionId}`, `assistant:${stage.data.ownAssistantId}`);
      seen.push(...(await statuses(sample, paths, probeKey)));
      seen.push((await sample.post('/api/v1/sessions', probeKey, {})).status - 1);
    }
    await drop;
    expect(new Set(seen)).toEqual(new Set([200]));
    expect(sample.lines.filter((line) => !line.startsWith('{') || line.includes('"error"'))).toEqual([]);
    await stage.renewDatabase();
  });

  test('writes rows with a hash and no key, which are public to the old release', async () => {
    const { probeKey, otherKey } = stage.data;
    const created = await (await stage.serve('phase3')).post('/api/v1/sessions', probeKey, {});
    const path = `/api/v1/sessions/${String(created.body.id)}`;
    const [row] = await stage.database.query('select * from sessions where id = $1', [created.body.id]);
    expect(row).toMatchObject({ owner_api_key: null, owner_api_key_hash: hashOfKey(probeKey) });

    const old = await stage.serve('phase2');
    await stage.redis.del(`session:${String(created.body.id)}`);
    expect(await statuses(old, [path], otherKey)).toEqual([200]);
  });

  test('shows an assistant that the old release cached to anybody, until the entry is gone', async () => {
    const { probeKey, otherKey } = stage.data;
    await (await stage.serve('phase2')).get(ownAssistant(), probeKey);
    const entry = await stage.redis.get(`assistant:${stage.data.ownAssistantId}`);
    expect(JSON.parse(entry ?? '')).toHaveProperty('owner_api_key', probeKey);
    expect(entry).not.toContain('owner_api_key_hash');

    const sample = await stage.serve('phase3');
    expect((await sample.get(ownAssistant(), otherKey)).status).toBe(200);
    await stage.redis.del(`assistant:${stage.data.ownAssistantId}`);
    expect((await sample.get(ownAssistant(), otherKey)).status).toBe(404);
  });

  test('is not misled by a session that the old release cached', async () => {
    await (await stage.serve('phase2')).get(own(), stage.data.probeKey);
    expect((await (await stage.serve('phase3')).get(own(), stage.data.otherKey)).status).toBe(404);
  });

  test('caches entries that the old release shows to anybody', async () => {
    const { probeKey, otherKey } = stage.data;
    await statuses(await stage.serve('phase3'), [own(), ownAssistant()], probeKey);
    const old = await stage.serve('phase2');
    expect(await statuses(old, [own(), ownAssistant()], otherKey)).toEqual([200, 200]);
    expect(await statuses(old, [other(), otherAssistant()], probeKey)).toEqual([404, 404]);
  });

  test('denies a public session to a caller with a key, by an event of its own', async () => {
    const sample = await stage.serve('phase3');
    expect((await sample.get(publicSession())).status).toBe(200);
    expect((await sample.get(publicSession(), stage.data.probeKey)).status).toBe(404);
    expect(sample.events('ownership_check_failed')).toEqual([]);
    expect(sample.events('ownership_check_failed_missing_hash')).toMatchObject([
      { has_session_hash: false, has_request_key: true, level: 'warning' },
    ]);
    const old = await stage.serve('phase2');
    expect((await old.get(publicSession(), stage.data.probeKey)).status).toBe(200);
  });
});

describe('a rollback of the keys that went wrong', () => {
  afterEach(() => stage.renewDatabase());

  test("after the runbook's own rollback not one key opens its rows", async () => {
    await stage.database.query(
      'update sessions set owner_api_key = gen_random_uuid() where owner_api_key_hash is not null',
    );
    const sample = await stage.serve('phase2');
    const [row] = await stage.database.query<{ key: string }>(
      'select owner_api_key as key from sessions where id = $1',
      [stage.data.ownSessionId],
    );
    expect((await sample.get(own(), stage.data.probeKey)).status).toBe(404);
    expect((await sample.get(own(), row?.key)).status).toBe(401);
  });

  test("after the application's own downgrade the old release shows another owner's session", async () => {
    await stage.database.query('update sessions set owner_api_key = null');
    expect((await (await stage.serve('phase2')).get(other(), stage.data.probeKey)).status).toBe(200);
  });
});

test('a PostgreSQL that does not answer fails the health', async () => {
  const sample = await stage.serve('phase3', { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
  expect(await sample.get('/health')).toMatchObject({ status: 503, body: { database: false, cache: true } });
  expect((await sample.get(own(), stage.data.probeKey)).status).toBe(500);
});

test('a Redis that is down costs no request, only the health', async () => {
  const sample = await stage.serve('phase3');
  await stage.redis.config('SET', 'maxclients', '1');
  await stage.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await untilStatus(sample, '/health', 503);
  expect((await sample.get(own(), stage.data.probeKey)).status).toBe(200);
  expect(sample.events('cache_unavailable').length).toBeGreaterThan(0);
  await stage.redis.config('SET', 'maxclients', '1000');
  await untilStatus(sample, '/health', 200);
});

/** Everything in Redis that is no cache entry, with the value as Redis itself would move it. */
async function readPrimaryData(): Promise<Map<string, unknown>> {
  const names = (await stage.redis.keys('*')).filter((name) => !/^(session|assistant):/.test(name));
  const read = async (name: string): Promise<[string, unknown]> => {
    const [value, ttl] = await Promise.all([stage.redis.dumpBuffer(name), stage.redis.ttl(name)]);
    return [name, { value, expires: ttl > 0 }];
  };
  return new Map(await Promise.all(names.map(read)));
}

async function untilStatus(sample: ServedSample, path: string, status: number): Promise<unknown> {
  for (const untilMs = Date.now() + 10_000; Date.now() < untilMs;) {
    const answer = await sample.get(path);
    if (answer.status === status) return answer.body;
  }
  throw new Error(`expected ${path} to answer ${status} within 10 s`);
}
