import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const modules = resolve(__dirname, '../../node_modules');

// With copies of their own, histories from JSON do not replay: "TypeError: type must be a Type".
test('all packages of Temporal stand on one protobufjs 8', () => {
  const packages = readdirSync(join(modules, '@temporalio'));
  expect(packages).toEqual(expect.arrayContaining(['client', 'common', 'proto', 'worker', 'workflow']));
  const found = packages.map((name) =>
    createRequire(join(modules, '@temporalio', name, 'package.json')).resolve('protobufjs/package.json'),
  );
  expect([...new Set(found)]).toEqual([join(modules, 'protobufjs/package.json')]);
  expect((createRequire(__filename)(found[0] ?? '') as { version: string }).version).toMatch(/^8\./);
});
