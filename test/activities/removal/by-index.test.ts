import { Client } from 'pg';
import { createDrop } from '../../../activities/removal/drop';
import { createUnhide } from '../../../activities/removal/unhide';
import { obstacles } from '../../../contract/run/findings';
import { electorate } from '../../support/stages/sample-environment';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { everyCase } from '../../support/inputs/some';
import { twoIndexes } from '../../support/inputs/plan-kinds';
import { until } from '../../support/looks/until';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';

// Indexes alone: their tables stay, no value goes, and the server goes on using them while they are hidden.

let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(twoIndexes);
});
afterEach(() => at.stage.close());

const definitions = () =>
  at.query(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as definition, i.indisvalid as valid, i.indisclustered as clustered,
            obj_description(c.oid) as comment, (select array_agg(a.attstattarget order by a.attnum) from pg_attribute a where a.attrelid = c.oid) as targets
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'old') and c.relname ~ '[Pp]age|Word' order by 1`,
  );

test('there and back: gone without backup or copy, and built again as they were', async () => {
  const [before, seen] = [await definitions(), await at.seen()];
  expect(obstacles(await at.checkStructure())).toEqual([]);
  const { rows, statements } = await dropNow(at.stage, at.prepared);
  expect(rows).toBeUndefined();
  expect(statements).toContain('drop index old."rubicon_hidden_By Word", public.rubicon_hidden_visits_by_page');
  expect(obstacles((await at.verifyDropped()).filter(({ check }) => check.startsWith('index ')))).toEqual([]);
  expect(await definitions()).toEqual([]);

  await expect(at.assess()).resolves.toMatchObject({
    loss: { rows: 0 },
    restorable: { rows: 0 },
    findings: expect.any(Array),
  });
  await at.takeBack({ lossy: false, once: !everyCase });
  expect(await definitions()).toEqual(before);
  expect(await at.seen()).toEqual(seen);
});

test('hidden it has another name, is used all the same, and has its name again at once', async () => {
  const before = await definitions();
  await takeOutOfUse(at.stage, at.prepared);
  const reader = new Client({ connectionString: at.stage.environment.postgresUrl });
  await reader.connect();
  await reader.query('set enable_seqscan = off');
  const { rows: plan } = await reader.query(`explain select from visits where page = '/7'`);
  expect(JSON.stringify(plan)).toContain('rubicon_hidden_visits_by_page');
  await reader.end();
  await expect(createUnhide({ environment: at.stage.find })(at.prepared)).resolves.toEqual([
    'indexes have their names back: visits_by_page, old.By Word',
  ]);
  expect(await definitions()).toEqual(before);
});

test('what is dropped is what was hidden: one that somebody has changed since is refused', async () => {
  const ready = await takeOutOfUse(at.stage, at.prepared);
  await at.query('drop index rubicon_hidden_visits_by_page');
  await at.query('create index rubicon_hidden_visits_by_page on visits (page desc)');
  await expect(createDrop({ environment: at.stage.find, electorate })(ready)).rejects.toThrow(
    /expected indexes as they were captured when they were hidden, found that someone has changed them since/,
  );
  expect(await at.query(`select from pg_class where relname = 'rubicon_hidden_By Word'`)).toHaveLength(1);
});

test('a build that was broken off leaves an invalid index, which the next attempt drops and builds', async () => {
  const before = await definitions();
  await dropNow(at.stage, at.prepared);
  const { restoreRemoved, finishRestore } = rollbackVerbsOf(at.stage);
  const input = await approveRollback(at.stage, at.prepared, { lossy: false });
  await restoreRemoved(input);
  const writer = new Client({ connectionString: at.stage.environment.postgresUrl });
  await writer.connect();
  try {
    await writer.query('begin');
    await writer.query(`insert into old.words values (900, 'new', 9)`); // the build waits for it
    const building = finishRestore(input).then(
      () => 'finished',
      () => 'broken off',
    );
    await until(async () => (await definitions()).some(({ name, valid }) => name === 'By Word' && valid === false));
    await at.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'create index concurrently%'`,
    );
    expect(await building).toBe('broken off');
    expect(await definitions()).toContainEqual(expect.objectContaining({ name: 'By Word', valid: false }));
  } finally {
    await writer.query('rollback');
    await writer.end();
  }
  expect(obstacles(await finishRestore(input))).toEqual([]);
  expect(await definitions()).toEqual(before);
});

test('a way back takes no other index of that name for its own', async () => {
  await dropNow(at.stage, at.prepared);
  await at.query('create index visits_by_page on visits (page desc)');
  const { findings } = await at.assess();
  expect(obstacles(findings).map(({ check }) => check)).toEqual(['removed indexes']);
});
