import { randomBytes, randomUUID } from 'node:crypto';
import type { Kind } from './releases';

/** What clients see of a row; never the owner columns. */
export type Content = { id: string } & Record<string, unknown>;

interface Resource {
  table: string;
  /** Columns that an answer shows. */
  fields: readonly string[];
  isId(text: string): boolean;
  /** The columns of a new row from a request's body; a string says what is wrong with the body. */
  parse(body: Record<string, unknown>): Content | string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The two things that the sample application keeps. */
export const resources: Record<Kind, Resource> = {
  session: {
    table: 'sessions',
    fields: ['id', 'title', 'status', 'created_at', 'updated_at'],
    isId: (text) => uuid.test(text),
    parse: ({ title = 'untitled' }) =>
      isShortText(title) ? { id: randomUUID(), title, status: 'active' } : 'expected "title" with 1 to 255 characters',
  },
  assistant: {
    table: 'assistants',
    fields: ['id', 'name', 'model', 'instructions', 'created_at', 'updated_at'],
    isId: (text) => text.length <= 64,
    parse: ({ name, model = 'large', instructions = '' }) =>
      isShortText(name) && isShortText(model) && typeof instructions === 'string'
        ? { id: `asst_${randomBytes(12).toString('hex')}`, name, model, instructions }
        : 'expected "name" with 1 to 255 characters, and texts as "model" and "instructions"',
  },
};

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 255;
}
