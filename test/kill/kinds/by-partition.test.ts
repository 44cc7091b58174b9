import { createUnhide } from '../../../activities/removal/unhide';
import { obstacles } from '../../../contract/run/findings';
import { digestOf } from '../../../contract/text/digest';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { oldPartitions } from '../../support/inputs/plan-kinds';
import { copied, dataOf, isPending, openReader } from '../../support/stages/partition-stage';
import { dropNow } from '../../support/stages/ready-to-drop';

// Partitions: dropped and built again, and what was done with their values meanwhile.

const { plan } = oldPartitions;
let at: KindStage;
beforeEach(async () => {
  at = await openKindStage(oldPartitions);
});
afterEach(() => at.stage.close());

const unhide = () => createUnhide({ environment: at.stage.find })(at.prepared);

test('there and back: a range and a list are exactly as they were', async () => {
  await at.backUp();
  const before = await at.seen();
  await dropNow(at.stage, at.prepared);
  expect(obstacles((await at.verifyDropped()).filter(({ check }) => check.startsWith('partition')))).toEqual([]);
  expect(await at.query(`select count(*)::int as n from events`)).toEqual([{ n: 452 }]);
  await expect(at.query(`insert into events (at, note) values ('2023-01-05', 'x')`)).rejects.toMatchObject({
    code: '23514',
  });

  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 348 } });
  await at.takeBack();
  expect(await at.seen()).toEqual(before);
  await at.query(`insert into events (at, note) values ('2023-01-05', 'x')`);
});

test('an old transaction in the way: nothing is begun, and it is named', async () => {
  at.prepared.plan = { ...plan, durations: { ...plan.durations, lockGivesUp: '1 s' } };
  at.prepared.planDigest = digestOf(at.prepared.plan);
  const { hide } = await copied(at);
  const reader = await openReader(at);
  await new Promise((resolve) => setTimeout(resolve, 10_500)); // what counts as old
  await expect(hide()).rejects.toThrow(/expected no transaction older than 10 s, .*nothing was begun.*in the way: pid/);
  expect(await isPending(at)).toBe(false);
  await reader.end();
  await unhide();
  expect(await dataOf(at)).toBe('present');
});

test('after the drop: a partition of the same values, and rows of the default one, are told before anything is mixed', async () => {
  await at.backUp();
  const before = await at.seen();
  await dropNow(at.stage, at.prepared);
  await at.query(`create table made_again partition of events for values from ('2023-01-01+00') to ('2023-02-01+00')`);
  await expect(at.takeBack()).rejects.toThrow(/found made_again, which has the same values .*nothing was changed/);
  await at.query('drop table made_again');
  await at.query(`insert into old.sales values ('north', 99, 1)`);
  const found = obstacles(await at.takeBack({ lossy: false, incomplete: true }));
  expect(found).toMatchObject([{ check: 'partition old.Sales North', found: expect.stringContaining('old.others') }]);
  await at.query(`delete from old.sales where n = 99`);
  await at.takeBack();
  expect(await at.seen()).toEqual(before);
});
