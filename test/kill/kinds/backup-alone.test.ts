import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { valuesOf } from '../../support/looks/database-state';
import { openKindStage } from '../../support/stages/kind-stage';
import { oneTenant, valuesByRow, wholeTables, type PlanKind } from '../../support/inputs/plan-kinds';
import { dropNow } from '../../support/stages/ready-to-drop';

// Without the final copy: the backup is older than the freeze, so that everything that it gives back counts as loss.

test.each<[string, PlanKind, number]>([
  ['values that are kept by their row', valuesByRow, 8 * 600],
  ['whole tables', wholeTables, 300 + 301],
  ['rows of one tenant', oneTenant, 2_333 + 4_666],
])('%s come back from the backup alone, once somebody has accepted the loss', async (_, kind, rows) => {
  const at = await openKindStage(kind);
  try {
    const before = { structure: (await at.seen()).structure, values: await valuesOf(at) };
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    rmSync(join(at.stage.environment.backupFolder, 'copies'), { recursive: true });
    const becomes = 'as in the backup';
    await expect(at.assess()).resolves.toMatchObject({ loss: { rows, becomes }, restorable: { rows: 0 } });
    await expect(at.takeBack()).rejects.toMatchObject({ type: 'NotDecided' });
    await at.takeBack({ lossy: true });
    expect((await at.seen()).structure).toEqual(before.structure);
    expect(await valuesOf(at)).toEqual(before.values);
  } finally {
    await at.stage.close();
  }
});
