import { withPositions } from '../../../adapters/catalogue/table-sequences';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { tablesAmong, type Capture } from '../../catalogue/captured-columns';
import { onCopy } from '../on-copy';
import { byName, byStatements } from './by-statements';

/** A sequence can go on although its table takes no row any more: what counts is where it is when it goes. */
export async function goingOn(client: PostgresClient, captured: readonly Capture[]): Promise<Capture[]> {
  const now: Capture[] = [];
  for (const each of tablesAmong(captured))
    now.push({ ...each, sequences: await withPositions(client, each.sequences) });
  return now;
}

export const table = byStatements(byName, onCopy(byName, goingOn));
