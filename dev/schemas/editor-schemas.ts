import { join, resolve } from 'node:path';
import { z } from 'zod';
import { planSchema } from '../../contract/plan/plan';
import { durationSchema } from '../../contract/text/duration';
import { settingsSchema } from '../../worker/settings/settings-schema';
import { describeByComments, type JsonSchema } from './doc-comments';

const root = resolve(__dirname, '../..');

/** A schema of `schemas/`, for editors: what they complete, explain, and underline. */
export interface EditorSchema {
  /** Within `schemas/`. */
  file: string;
  text: string;
}

/**
 * JSON Schemas of the files that people write, from the schemas that read them. They say less: what one field means for
 * another, names of databases, and SQL, are judged by `rubicon plan check` and `rubicon doctor` alone. But they refuse
 * nothing that is right.
 */
export const editorSchemas = (): EditorSchema[] => [
  written('plan.schema.json', 'plan.yaml: what is removed from production, and what proves that nothing needs it', {
    schema: planSchema.omit({ name: true }),
    from: { file: 'contract/plan/plan.ts', name: 'planSchema' },
  }),
  written('rubicon.schema.json', "rubicon.yaml: settings of Rubicon's workers", {
    schema: settingsSchema({ env: {}, folder: root, roles: [], secrets: new Set() }),
    from: { file: 'worker/settings/settings-schema.ts', name: 'settingsSchema' },
  }),
];

interface Source {
  schema: z.ZodType;
  /** Where its doc comments are. */
  from: { file: string; name: string };
}

function written(file: string, title: string, { schema, from }: Source): EditorSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7', // which all editors know
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.pattern !== undefined) delete jsonSchema.format; // zod's own names of formats; the pattern says it
      if (zodSchema === durationSchema) Object.assign(jsonSchema, duration);
      if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'string'; // the only one: text in quotes
    },
  }) as JsonSchema;
  describeByComments(rest, join(root, from.file), from.name);
  return { file, text: `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n` };
}

/** Upper and lower case are the same, which a pattern can't say; so it asks for a number and a unit, and no more. */
const duration = { pattern: '\\d\\s*[A-Za-z]', examples: ['24 hours', '15 minutes', '30 s', '200 ms'] };
