import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';

export const schemasFolder = join(__dirname, '../../../schemas');

const known = new Map<string, ValidateFunction>();

/** What an editor underlines in the text of a file: where, and why. */
export function editorFaults(schema: 'plan.schema.json' | 'rubicon.schema.json', text: string): string[] {
  const validate = known.get(schema) ?? compile(schema);
  known.set(schema, validate);
  if (validate(parse(text))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compile(schema: string): ValidateFunction {
  // Strict: a keyword or a format that no editor knows is an error. What a choice requires is defined beside it.
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  return ajv.compile(JSON.parse(readFileSync(join(schemasFolder, schema), 'utf8')) as object);
}
