import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillSampleCache } from '../../../dev/sample-data/cache-fill';
import { describeSample } from '../../../dev/sample-data/sample-data';
import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { seedSampleLog } from '../../../dev/sample-data/log-seed';
import { createSampleSchema } from '../../../dev/sample-data/schema';
import { seedSample } from '../../../dev/sample-data/seed';
import { openSampleStage, type SampleStage } from '../../support/stages/sample-stage';
import { createDatabase } from '../../support/servers/servers';

let stage: SampleStage;
beforeAll(async () => {
  stage = await openSampleStage();
});
afterAll(() => stage.close());

const tables = ['sessions', 'assistants'] as const;

test('the columns and indexes are those of the runbook, different ones in both tables', async () => {
  const columns = await stage.database.query(
    `select table_name || '.' || column_name as name, character_maximum_length as length, is_nullable as nullable
       from information_schema.columns where column_name like 'owner_api_key%' order by name`,
  );
  expect(columns).toEqual([
    { name: 'assistants.owner_api_key', length: 256, nullable: 'YES' },
    { name: 'assistants.owner_api_key_hash', length: 64, nullable: 'YES' },
    { name: 'sessions.owner_api_key', length: 255, nullable: 'YES' },
    { name: 'sessions.owner_api_key_hash', length: 64, nullable: 'YES' },
  ]);
  const indexes = await stage.database.query<{ indexdef: string }>(
    `select indexdef from pg_indexes where indexname like 'idx_%' order by indexname`,
  );
  expect(indexes.map(({ indexdef }) => indexdef.replace('CREATE INDEX ', '').replace('public.', ''))).toEqual([
    'idx_assistants_owner_api_key ON assistants USING btree (owner_api_key) WHERE (owner_api_key IS NOT NULL)',
    'idx_assistants_owner_api_key_hash ON assistants USING btree (owner_api_key_hash)',
    'idx_sessions_owner_api_key ON sessions USING btree (owner_api_key)',
    'idx_sessions_owner_api_key_hash ON sessions USING btree (owner_api_key_hash)',
  ]);
  expect(await stage.database.query('select * from alembic_version')).toEqual([{ version_num: '20260201_000006' }]);
});

test("a restored column has comments and grants to get back, and there is a table that is nobody's business", async () => {
  const [facts] = await stage.database.query(
    `select col_description('sessions'::regclass, 5) as comment,
            has_column_privilege('agent_api_reports', 'sessions', 'owner_api_key', 'UPDATE') as may_update,
            has_column_privilege('agent_api_reports', 'sessions', 'title', 'UPDATE') as may_update_others,
            (select count(*)::int from usage_events) as usage_events`,
  );
  expect(facts).toEqual({
    comment: 'Plaintext key of the owner; superseded by owner_api_key_hash',
    may_update: true,
    may_update_others: false,
    usage_events: 500,
  });
});

test.each(tables)('every key in %s fits its hash, and some rows are public', async (table) => {
  const [counts] = await stage.database.query(
    `select count(*)::int as total,
            count(*) filter (where owner_api_key_hash = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex'))::int as match,
            count(*) filter (where owner_api_key is null and owner_api_key_hash is null)::int as public
       from ${table}`,
  );
  const odd = table === 'sessions' ? stage.data.oddKeys.length - 1 : stage.data.oddKeys.length;
  expect(counts).toEqual({ total: 2_020 + odd, match: 2_000 + odd, public: 20 });
});

test('what is computed without the database is what is in it', async () => {
  const { data } = stage;
  for (const [table, id, key] of [
    ['sessions', data.ownSessionId, data.probeKey],
    ['sessions', data.otherSessionId, data.otherKey],
    ['sessions', data.publicSessionId, null],
    ['assistants', data.ownAssistantId, data.probeKey],
    ['assistants', data.otherAssistantId, data.otherKey],
    ['assistants', data.publicAssistantId, null],
  ] as const) {
    const rows = await stage.database.query(`select owner_api_key, owner_api_key_hash from ${table} where id = $1`, [
      id,
    ]);
    expect(rows).toEqual([{ owner_api_key: key, owner_api_key_hash: key && hashOfKey(key) }]);
  }
  const keys = await stage.database.query<{ key: string }>(
    `select distinct owner_api_key as key from assistants where owner_api_key_hash is not null`,
  );
  expect(keys.map(({ key }) => key).sort()).toEqual([...data.keys, ...data.oddKeys].sort());
  expect(keys).not.toContainEqual({ key: data.wrongKey });
});

test.each(tables)('the planner finds the rows of an owner in %s by the hash index', async (table) => {
  const plan = await stage.database.query(
    `explain select id from ${table} where owner_api_key_hash = '${hashOfKey(stage.data.probeKey)}'`,
  );
  expect(JSON.stringify(plan)).toContain(`idx_${table}_owner_api_key_hash`);
});

test('environments share neither keys nor ids', () => {
  const [staging, production] = [describeSample(), describeSample({ environment: 'production' })];
  expect(staging.keys.filter((key) => production.keys.includes(key))).toEqual([]);
  expect(staging.ownSessionId).not.toBe(production.ownSessionId);
  expect(describeSample()).toEqual(staging);
  expect(() => describeSample({ owners: 1 })).toThrow('expected at least 2 owners, found 1');
});

test('any number of rows, with the primary data of each owner in Redis', async () => {
  const database = await createDatabase();
  await createSampleSchema(database.url);
  await stage.redis.flushall();
  const size = { environment: 'small', owners: 3, sessions: 7, assistants: 5, publicRows: 1 };
  const data = await seedSample({ databaseUrl: database.url, redisUrl: stage.redisUrl, ...size });
  expect(data).toEqual(describeSample(size));
  expect(await database.query(`select count(*)::int from sessions where title like 'Session %'`)).toEqual([
    { count: 8 },
  ]);
  expect(await stage.redis.exists(`mcp_server:${data.probeKey}:files`, `key:${data.otherKey}`, 'project:small-3')).toBe(
    3,
  );
  expect(await stage.redis.ttl('project:small-1')).toBe(-1);
  expect(await stage.redis.ttl('lock:session_lock:small-1')).toBeGreaterThan(600_000);
  expect(await stage.redis.keys('session:*')).toEqual([]);
  await database.drop();
});

test('the cache is filled by real reads, with entries of both kinds', async () => {
  const sample = await stage.serve('phase2');
  await fillSampleCache(sample.url, stage.data);
  expect((await stage.redis.keys('session:*-*')).length).toBe(120);
  expect((await stage.redis.keys('assistant:asst_*')).length).toBe(120);
  expect((await stage.redis.keys('session:owner:*')).length).toBe(5);
  expect(sample.events('request_completed').filter(({ status_code }) => status_code !== 200)).toEqual([]);
});

test('a log of eight quiet days reaches up to now', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sample-log-'));
  const logFile = join(folder, 'application.log');
  seedSampleLog({ logFile, everySeconds: 600 });
  const lines = readFileSync(logFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true });
  expect(lines).toHaveLength(8 * 144 + 2);
  expect(lines[0]).toMatchObject({ event: 'application_started', release: 'phase2' });
  expect(lines[1]).toMatchObject({ event: 'request_completed', status_code: 201, duration_ms: 2, level: 'info' });
  expect(Date.now() - Date.parse(lines[1].timestamp)).toBeGreaterThan(8 * 86_400_000 - 1);
  expect(Date.now() - Date.parse(lines.at(-1).timestamp)).toBeLessThan(60_000);
});
