import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

// ESLint loads its configuration as a module, which jest's sandbox cannot: so in a process of its own.
const script = `
import { readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
const { cases, withTypes } = JSON.parse(readFileSync(0, 'utf8'));
const eslint = new ESLint({ overrideConfig: withTypes ? [] : [tseslint.configs.disableTypeChecked] });
const found = [];
for (const [filePath, text] of cases) {
  const [{ messages }] = await eslint.lintText(text, { filePath });
  found.push(messages.filter(({ ruleId }) => ruleId !== '@typescript-eslint/no-unused-vars').map(({ message }) => message));
}
console.log(JSON.stringify(found));
`;

/**
 * What the project's linter says of texts, were they in these files. Unused names are no matter.
 *
 * @param withTypes only for files that exist, since others are in no project. Default false.
 */
export function lintTexts(
  cases: readonly (readonly [file: string, text: string])[],
  { withTypes = false }: { withTypes?: boolean } = {},
): string[][] {
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: resolve(__dirname, '../../..'),
    input: JSON.stringify({ cases, withTypes }),
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as string[][];
}
