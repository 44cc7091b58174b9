import { failPoint } from '../../adapters/programs/fail-point';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import type { Statement } from '../../sql/statement';
import type { DdlStep } from './exclusive-session';

/** The statements of one step, in their order, as the last thing in their transaction. */
export async function runDdl(
  client: PostgresClient,
  step: DdlStep['step'],
  statements: readonly Statement[],
): Promise<void> {
  await runStatements(client, statements.slice(0, -1));
  await failPoint(`${step}: inside`);
  await runStatements(client, statements.slice(-1));
  await failPoint(`${step}: before commit`);
}
