import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

// Whoever adds a kind is told by the compiler where it is missing: nothing takes it for another one.

const root = resolve(__dirname, '../../..');
const kindsFile = join(root, 'contract/plan/kinds.ts');
const floors = ['contract', 'sql', 'adapters', 'activities', 'workflows', 'report', 'worker', 'client'];

/** Files with a table by kind. */
const tables = floors
  .flatMap((floor) =>
    readdirSync(join(root, floor), { recursive: true, encoding: 'utf8' }).map((file) => join(root, floor, file)),
  )
  .filter((file) => file.endsWith('.ts'))
  .filter((file) =>
    /satisfies (?:Record<(?:Database|Value)?Kind,|\{ \[K in (?:Database|Value)?Kind\])/.test(
      readFileSync(file, 'utf8'),
    ),
  )
  .sort();

/** Faults of these files, with one more kind: nothing is written anywhere. */
function faultsWith(kind: string): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, compilerOptions: { ...config.compilerOptions, types: [] }, include: [], files: tables },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  host.readFile = (path) => {
    const text = read(path);
    if (resolve(path) !== kindsFile || text === undefined) return text;
    return text.replace("| 'external';", `| 'external' | '${kind}';`);
  };
  // Packages are not read: what a table by kind lacks depends on none, and they are most of the work.
  host.resolveModuleNames = (names, from) =>
    names.map((name) =>
      name.startsWith('.') ? ts.resolveModuleName(name, from, options, host).resolvedModule : undefined,
    );
  const program = ts.createProgram(tables, options, host);
  return new Map(
    tables.map((file) => {
      const faults = program.getSemanticDiagnostics(program.getSourceFile(file));
      return [
        relative(root, file),
        faults
          .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
          .filter((text) => text.includes(kind)), // and not what is said of packages
      ];
    }),
  );
}

test('a kind more is missed by the compiler in every table by kind, and nowhere is it silently another one', () => {
  const faults = faultsWith('sequence');
  expect([...faults].filter(([, found]) => found.length === 0).map(([file]) => file)).toEqual([]);
  expect([...faults.keys()]).toEqual(
    expect.arrayContaining([
      'activities/structure-checks/kinds/kinds.ts',
      'activities/removal/kinds/kinds.ts',
      'activities/rollback/kinds/kinds.ts',
      'activities/catalogue/capture-removals.ts',
      'activities/state/is-named.ts',
      'contract/plan/kinds.ts',
      'contract/plan/removals.ts',
      'report/gates/gate-kinds.ts',
      'report/kinds.ts',
      'sql/kinds/kinds.ts',
      'sql/saved-values/saved-value.ts',
      'worker/plan-new/plan-new-kinds.ts',
    ]),
  );
  for (const [file, found] of faults)
    expect([file, found.join('\n')]).toEqual([file, expect.stringMatching(/'?"?sequence"?'?/)]);
}, 300_000);
