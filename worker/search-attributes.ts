import type { NativeConnection } from '@temporalio/worker';
import { safeMessage } from '../adapters/secret-text';
import { searchAttributes } from '../contract/names';

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
  const looked = await operatorService.listSearchAttributes({ namespace }).catch((error: unknown) => error);
  if (!isAnswer(looked)) {
    return `search attributes of ${namespace} could not be looked at (${safeMessage(looked)}); expected ${searchAttributes.join(', ')} of type Keyword`;
  }
  const found = looked.customAttributes ?? {};
  const wrong = searchAttributes.filter((name) => found[name] !== undefined && Number(found[name]) !== keyword);
  if (wrong.length > 0) {
    throw new Error(
      `expected search attributes ${wrong.join(', ')} of type Keyword in namespace ${namespace}, found another type; use a namespace of its own`,
    );
  }
  const missing = searchAttributes.filter((name) => found[name] === undefined);
  if (missing.length === 0) return undefined;
  try {
    const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
    await operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
    return undefined;
  } catch (error) {
    const options = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
    throw new Error(
      `expected search attributes ${missing.join(', ')} in namespace ${namespace}, found none and could not add them ` +
        `(${safeMessage(error)}); run: temporal operator search-attribute create -n ${namespace} ${options}`,
    );
  }
}

type Listed = Awaited<ReturnType<NativeConnection['operatorService']['listSearchAttributes']>>;

const isAnswer = (looked: unknown): looked is Listed => !(looked instanceof Error);
