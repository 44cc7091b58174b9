import { approveRollback, rollbackVerbsOf } from '../stages/dropped';
import type { KindStage } from '../stages/kind-stage';
import { obstacles } from '../../../contract/run/findings';
import { whileServing } from './while-serving';

/**
 * Takes a plan about `invoices.amount_text` back while people go on writing: the new release changes the replacement of one
 * row, and the old one, as soon as it serves, the column of another.
 */
export async function takeBackWhileWriting(
  { stage, prepared, query }: KindStage,
  { lossy, ...change }: { lossy: boolean; backup?: undefined; copy?: undefined },
): Promise<void> {
  const { restoreRemoved, refillRemoved, finishRestore, endWriteGuard } = rollbackVerbsOf(stage);
  const { backup, copy, ...approved } = await approveRollback(stage, prepared, { lossy });
  const input = { ...approved, ...('backup' in change ? {} : { backup, ...(copy && { copy }) }) };
  const { release } = prepared.plan;
  await whileServing(stage, release.to, async () => {
    await restoreRemoved(input);
    await refillRemoved(input);
    await query('update invoices set amount = 5555 where id = 5');
    expect(obstacles(await finishRestore(input))).toEqual([]);
  });
  await whileServing(stage, release.from, async () => {
    await query(`update invoices set amount_text = 'old', amount = 6 where id = 6`); // nobody corrects that
    await refillRemoved(input);
    expect(obstacles(await endWriteGuard(input))).toEqual([]);
  });
}
