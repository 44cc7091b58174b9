import { orderOf } from '../../support/stages/sample-environment';
import { createFlushCache } from '../../../activities/cache/flush-cache';
import { createProveNothingStale } from '../../../activities/cache/prove-nothing-stale';
import { fillSampleCache } from '../../../dev/sample-data/cache-fill';
import { openServedEnvironment, type ServedEnvironment } from '../../support/stages/staged-environment';

let staged: ServedEnvironment;
beforeAll(async () => (staged = await openServedEnvironment({ release: 'phase2' })));
afterAll(() => staged.close());

const slice = () => ({ target: 'agent-api', cache: staged.plan.cache });
const prove = () => createProveNothingStale({ environment: staged.find })(slice());
const fill = () => fillSampleCache(staged.environment.application.url, staged.stage.data);

test('entries of the old release are found, those of the new one are not, and no value is told', async () => {
  await fill();
  const [stale] = await prove();
  expect(stale).toMatchObject({ check: 'cache entries of the old release', status: 'failed' });
  expect(stale?.found).toMatch(/^[1-9]\d* of [1-9]\d* values$/);
  expect(stale?.remedy).toContain('old release');

  await createFlushCache({ environment: staged.find })(orderOf({ ...staged.plan, ...slice() }));
  expect((await prove())[0]).toMatchObject({ status: 'passed', found: '0 of 0 values' });

  await staged.serve('phase3');
  await fill();
  const findings = await prove();
  expect(findings[0]?.status).toBe('passed');
  expect(findings[0]?.found).toMatch(/^0 of [1-9]\d* values$/);
  expect(JSON.stringify(findings)).not.toContain('sk-staging');
});

test('a value that can not be read is unknown', async () => {
  await staged.stage.redis.set('session:huge', 'x'.repeat(300_000));
  const [finding] = await prove();
  await staged.stage.redis.del('session:huge');
  expect(finding).toMatchObject({ status: 'unknown', found: expect.stringContaining('not all could be read') });
});

test('primary data whose names may hold a key is reported and stops nothing', async () => {
  const findings = await prove();
  expect(findings[1]).toMatchObject({ check: 'residual plaintext in key names', status: 'passed' });
  expect(findings[1]?.found).toMatch(/^120 keys/);
});

test('without a Redis it is not covered, with one that is down unknown', async () => {
  const none = { ...staged.environment };
  delete none.redisUrl;
  expect(await createProveNothingStale({ environment: () => none })(slice())).toMatchObject([
    { status: 'not covered' },
  ]);
  const down = staged.findWith({ redisUrl: 'redis://127.0.0.1:1/0' });
  expect(await createProveNothingStale({ environment: down })(slice())).toMatchObject([{ status: 'unknown' }]);
});
