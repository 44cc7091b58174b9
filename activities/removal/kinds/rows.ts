import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { PostgresError } from '../../../adapters/postgres/postgres-error';
import { withTransaction } from '../../../adapters/postgres/transaction';
import type { Plan } from '../../../contract/plan/plan';
import { unfreezeStatements } from '../../../sql/freeze';
import { qualifiedName } from '../../../sql/identifier';
import { hiddenTables } from '../../../sql/what-is-removed';
import type { Session } from '../../environment/session';
import { hideRows, showRows } from '../../rows/move-rows';
import { runDdl } from '../../schema-change/run-ddl';
import { ddlLimits } from '../../schema-change/acquire-with-retry';
import type { Freeze } from '../../state/read-freeze';
import { onCopy } from '../on-copy';
import { asCaptured, byStatements } from './by-statements';
import type { Moves } from './kind';

/** What is left of a damaged freeze would refuse them. */
async function moveBack(session: Session, plan: Plan, freeze: Freeze): Promise<string[]> {
  const { client } = session;
  if (freeze.state === 'inconsistent')
    await withTransaction(client, ddlLimits(plan), () => runDdl(client, 'unhide', unfreezeStatements(plan)));
  return showRows(session, plan, freeze.state === 'whole' ? freeze.id : '');
}

async function requireMovedBack(client: PostgresClient, hidden: Pick<Plan, 'removes'>): Promise<void> {
  for (const table of hiddenTables(hidden)) {
    const { rowCount } = await client.query(`select from ${qualifiedName(table)} limit 1`);
    if (rowCount > 0) throw new PostgresError('expected all rows to be back, found hidden ones', { reaction: 'retry' });
  }
}

const moves: Moves = { moveOut: hideRows, moveBack, requireMovedBack, isBack: 'are back' };

export const rows = byStatements(moves, onCopy(moves, asCaptured));
