import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../../..');

// ESLint loads its configuration as a module, which jest's sandbox cannot: so in a process of its own.
const script = `
import { readFileSync } from 'node:fs';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
const { cases, project } = JSON.parse(readFileSync(0, 'utf8'));
// Where CI=true, the parser supposes a single run, which sees the files of the disk instead of these texts.
const parserOptions = { projectService: false, project, disallowAutomaticSingleRunInference: true };
const typed = { files: ['**/*.ts'], languageOptions: { parserOptions } };
const eslint = new ESLint({ overrideConfig: [project ? typed : tseslint.configs.disableTypeChecked] });
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
 * @param withTypes only for files that exist, since others are in no project; each is alone in its own. Default false.
 */
export function lintTexts(
  cases: readonly (readonly [file: string, text: string])[],
  { withTypes = false }: { withTypes?: boolean } = {},
): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-lint-'));
  const project = withTypes ? writeProject(folder, cases) : undefined;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    input: JSON.stringify({ cases, project }),
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as string[][];
}

/** The compiler's project of these files alone: with all the others it would read for ten seconds. */
function writeProject(folder: string, cases: readonly (readonly [file: string, text: string])[]): string {
  const file = join(folder, 'tsconfig.json');
  const files = [...new Set(cases.map(([name]) => join(root, name)))];
  const alone = { extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] }, include: [], files };
  writeFileSync(file, JSON.stringify(alone));
  return file;
}
