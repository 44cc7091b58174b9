import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

const root = resolve(__dirname, '../..');

/** Every file of ours → the files that it imports, be it a type, by `import()` or by `require()`. */
function readImports(): Map<string, string[]> {
  const entries = readdirSync(root, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$|^coverage$/.test(entry.name));
  const files = folders.flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((file) => join(name, file)),
  );
  const sources = new Set(files.filter((file) => /\.(ts|js)$/.test(file)));
  return new Map(
    [...sources].map((file) => {
      const { importedFiles } = preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
      const ours = importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
      const paths = ours.map(({ fileName }) => relative(root, resolve(root, dirname(file), fileName)));
      const found = paths.map((path) =>
        [path, `${path}.ts`, `${path}.js`, `${path}/index.ts`].find((one) => sources.has(one)),
      );
      return [file, found.filter((one) => one !== undefined)];
    }),
  );
}

/** The first way that leads back to where it began. */
function findCycle(imports: ReadonlyMap<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const cycle = walk(next, [...way, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

test('no file imports itself by a detour', () => {
  const imports = readImports();
  expect(imports.get(join('dev', 'servers', 'postgres-server.ts'))).toContain(join('dev', 'servers', 'child.ts')); // it does see imports
  expect(findCycle(imports)).toBeUndefined();
});

test('a planted cycle is found', () => {
  const planted = { a: ['b'], b: ['c', 'd'], c: [], d: ['b'] };
  expect(findCycle(new Map(Object.entries(planted)))).toEqual(['b', 'd', 'b']);
});
