import { obstacles } from '../../../contract/run/findings';
import { twoIndexes } from '../../support/inputs/plan-kinds';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { dropNow } from '../../support/stages/ready-to-drop';

// Indexes alone, with each step of the way back twice.

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
  await at.takeBack();
  expect(await definitions()).toEqual(before);
  expect(await at.seen()).toEqual(seen);
});
