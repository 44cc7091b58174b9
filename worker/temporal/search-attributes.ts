import type { Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { safeMessage } from '../../adapters/programs/secret-text';
import { searchAttributes } from '../../contract/run/names';

/** Keyword, in Temporal's enumeration. */
const keyword = 2;

/**
 * Registers the search attributes that a namespace lacks, since a workflow that sets an unknown one would be stuck.
 *
 * @returns a warning where this worker may not even look
 * @throws Error if they are missing and may not be registered, or have another type; it says the command that helps
 */
export async function checkSearchAttributes(
  { operatorService }: Pick<NativeConnection, 'operatorService'>,
  namespace: string,
): Promise<string | undefined> {
  const looked = await lookAtSearchAttributes({ operatorService }, namespace);
  if ('because' in looked) {
    return `search attributes of ${namespace} could not be listed (${looked.because}); expected ${searchAttributes.join(', ')} of type Keyword`;
  }
  const { wrong, missing } = looked;
  if (wrong.length > 0) {
    throw new Error(
      `expected search attributes ${wrong.join(', ')} of type Keyword in namespace ${namespace}, found another type; use a separate namespace`,
    );
  }
  if (missing.length === 0) return undefined;
  try {
    const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
    return undefined;
  } catch (error) {
    throw new Error(
      `expected search attributes ${missing.join(', ')} in namespace ${namespace}, found none and could not add them ` +
        `(${safeMessage(error)}); run: ${commandFor(missing, namespace)}`,
    );
  }
}

/** What an administrator runs where a worker may not. */
export const commandFor = (missing: readonly string[], namespace: string): string =>
  `temporal operator search-attribute create -n ${namespace} ${missing.map((name) => `--name ${name} --type Keyword`).join(' ')}`;

/** Names that a namespace lacks or has with another type; or why it may not be looked. Changes nothing. */
export async function lookAtSearchAttributes(
  { operatorService }: Pick<NativeConnection | Connection, 'operatorService'>,
  namespace: string,
): Promise<{ missing: string[]; wrong: string[] } | { because: string }> {
  try {
    const found = (await operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
    return {
      missing: searchAttributes.filter((name) => found[name] === undefined),
      wrong: searchAttributes.filter((name) => found[name] !== undefined && Number(found[name]) !== keyword),
    };
  } catch (error) {
    return { because: safeMessage(error) };
  }
}
