import type { Connection } from '@temporalio/client';
import { searchAttributes } from '../contract/names';

/** Keyword, in Temporal's enumeration. */
const keyword = 2;

/**
 * Registers the search attributes that a namespace lacks, since a workflow that sets an unknown one would be stuck.
 *
 * @throws if they are missing and may not be registered: says the command that does it
 */
export async function checkSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributes.filter((name) => customAttributes?.[name] === undefined);
  if (missing.length === 0) return;
  try {
    const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
  } catch (error) {
    const command = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
    const found = error instanceof Error ? error.message : String(error);
    throw new Error(
      `expected search attributes ${missing.join(', ')} in namespace ${namespace}, found none and could not add them (${found}); run: temporal operator search-attribute create ${command}`,
    );
  }
}
