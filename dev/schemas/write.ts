import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { editorSchemas } from './editor-schemas';

/** `npm run schemas`: after every change of what plans or settings may say. */
for (const { file, text } of editorSchemas()) {
  writeFileSync(join(resolve(__dirname, '../..'), 'schemas', file), text);
  console.log(`schemas/${file}`);
}
