import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn, type ColumnCapture } from '../../adapters/catalogue/catalogue';
import { runStatements } from '../../adapters/postgres/statements';
import { permanent } from '../../contract/run/failures';
import { shortName } from '../../contract/text/object-name';
import { columnStatements } from '../../sql/restore';
import { isSameColumn, restorableColumns } from '../catalogue/captured-columns';
import type { Dropped } from './dropped';
import { restoreColumnRights } from './restore-rights';

/**
 * By their captured definitions, unless the platform's tool has built them: then they must be as these say.
 *
 * @throws `WrongState` for a column of another type
 */
export async function rebuildColumns(
  client: PostgresClient,
  { plan, captured: all }: Dropped<'column'>,
): Promise<string[]> {
  const { captured } = await restorableColumns(client, all);
  if (plan.byAction?.restore !== undefined) await requireBuiltAsWas(client, captured, plan.byAction.restore);
  await runStatements(client, captured.flatMap(columnStatements));
  for (const each of captured) await restoreColumnRights(client, each);
  for (const capture of captured) {
    if (await isSameColumn(client, capture)) continue;
    const message = `expected no column ${shortName(capture)}, or one of type ${capture.type}, found another`;
    throw permanent(
      'WrongState',
      `${message}; nothing was changed; find out who has added it, and drop it if it is empty`,
    );
  }
  return captured.map((capture) => `${shortName(capture)} ${capture.type}`);
}

/** Before anything of ours is done to it: a tool may know another definition than the one that was there. */
async function requireBuiltAsWas(
  client: PostgresClient,
  captured: readonly ColumnCapture[],
  action: string,
): Promise<void> {
  for (const capture of captured) {
    if (await isSameColumn(client, capture)) continue;
    const now = await captureColumn(client, capture, capture.column);
    throw permanent(
      'ActionFailed',
      `expected the action "${action}" to build ${shortName(capture)} as it was (${capture.type}), found ${now?.type ?? 'none'}; fix its migration, then answer "retry"`,
    );
  }
}
