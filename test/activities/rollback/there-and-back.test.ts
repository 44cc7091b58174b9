import { obstacles } from '../../../contract/run/findings';
import { valuesOf } from '../../support/looks/database-state';
import { castBothWays, oldPartitions, oneTenant, valuesByRow, wholeTables } from '../../support/inputs/plan-kinds';
import { some } from '../../support/inputs/some';
import { openKindStage } from '../../support/stages/kind-stage';
import { dropNow } from '../../support/stages/ready-to-drop';

// One way there and back for each kind that has values. With a restored backup, with each step twice, and with what people
// do meanwhile: test/kill/kinds.

const kinds = [
  ['values that are kept by their row', valuesByRow, 4_800],
  ['a column that another one replaces', castBothWays, 400],
  ['whole tables', wholeTables, 601],
  ['rows of one tenant', oneTenant, 6_999],
  ['partitions', oldPartitions, 348],
] as const;

test.each(some(kinds, 2))('%s are exactly as they were', async (_, kind, rows) => {
  const at = await openKindStage(kind);
  try {
    const look = async () => ({ structure: (await at.seen()).structure, values: await valuesOf(at) });
    const before = await look();
    await at.backUp({ unrestored: true });
    await dropNow(at.stage, at.prepared);
    const isOfKind = ({ check }: { check: string }): boolean => /^(?:column|table|rows|partition)/.test(check);
    expect(obstacles((await at.verifyDropped()).filter(isOfKind))).toEqual([]);
    expect(await valuesOf(at)).not.toEqual(before.values);
    await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows } });
    await at.takeBack({ lossy: false, once: true });
    expect(await look()).toEqual(before);
  } finally {
    await at.stage.close();
  }
});
