import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { faultOf, rooms } from '../../dev/lint-directions';
import { lintTexts } from '../support/looks/lint-texts';

const refused: [file: string, text: string, because: string][] = [
  [
    'activities/state/x.ts',
    `import { drop } from '../removal/x'; drop();`,
    'activities/state/ may not import activities/removal/x, only rooms up to its own: environment, ',
  ],
  [
    'activities/state/x.ts',
    `import type { Drop } from '../removal/x'; export type D = Drop;`,
    'activities/state/ may not import activities/removal/x',
  ],
  [
    'workflows/decide/x.ts',
    `export const f = () => require('../steps/x') as unknown;`,
    'may not import workflows/steps/x',
  ],
  ['adapters/dump/x.ts', `import { other } from '../temporal'; other();`, 'may not import adapters/temporal'],
  ['sql/saved-values/x.ts', `import { y } from '../kinds/y'; y();`, 'sql/saved-values/ may not import sql/kinds/y'],
  ['activities/cellar/x.ts', `import { y } from './y'; y();`, 'activities/ has no room cellar/: add it'],
  ['contract/x.ts', `import { pg } from '../adapters/x'; pg();`, 'contract/ may not import adapters/'],
  [
    'contract/x.ts',
    `import type { T } from '../workflows/x'; export type U = T;`,
    'contract/ may not import workflows/',
  ],
  ['contract/x.ts', `import { readFileSync } from 'node:fs'; readFileSync('x');`, 'contract/ may not import node:fs'],
  [
    'contract/x.ts',
    `import { sleep } from '@temporalio/workflow'; void sleep(1);`,
    'may not import @temporalio/workflow',
  ],
  [
    'workflows/x.ts',
    `import { drop } from '../activities/x'; drop();`,
    'workflows/ may import only types of activities/',
  ],
  ['workflows/x.ts', `export { drop } from '../activities/x';`, 'workflows/ may import only types of activities/'],
  ['workflows/x.ts', `export * from '../activities/x';`, 'workflows/ may import only types of activities/'],
  ['workflows/x.ts', `import '../activities/x';`, 'workflows/ may import only types of activities/'],
  ['workflows/x.ts', `import {} from '../activities/x';`, 'workflows/ may import only types of activities/'],
  ['workflows/x.ts', `import { type A, b } from '../activities/x'; b({} as A);`, 'workflows/ may import only types'],
  ['workflows/x.ts', `import x = require('../activities/x'); x();`, 'workflows/ may import only types of activities/'],
  [
    'workflows/x.ts',
    `export const f = () => require('../activities/x') as unknown;`,
    'may import only types of activities/',
  ],
  [
    'workflows/x.ts',
    `export const f = () => import('../activities/x');`,
    'workflows/ may import only types of activities/',
  ],
  ['workflows/x.ts', `export type T = import('../adapters/x').T;`, 'workflows/ may not import adapters/'],
  [
    'workflows/x.ts',
    `import { randomUUID } from 'node:crypto'; randomUUID();`,
    'workflows/ may not import node:crypto',
  ],
  ['sql/x.ts', `import { z } from 'zod'; z.string();`, 'sql/ may not import zod'],
  ['activities/x.ts', `import { Pool } from 'pg'; new Pool();`, 'activities/ may not import pg'],
  ['activities/x.ts', `import type { S } from '../worker/x'; export type T = S;`, 'activities/ may not import worker/'],
  [
    'activities/x.ts',
    `import { rollout } from '../workflows/x'; void rollout();`,
    'activities/ may not import workflows/',
  ],
  [
    'adapters/x.ts',
    `import type { Plan } from '../contract/x'; export type P = Plan;`,
    'adapters/ may not import contract/',
  ],
  [
    'adapters/x.ts',
    `import { heartbeat } from '@temporalio/activity'; heartbeat();`,
    'may not import @temporalio/activity',
  ],
  ['report/x.ts', `import { join } from 'node:path'; join();`, 'report/ may not import node:path'],
  ['worker/x.ts', `import { rollout } from '../workflows/x'; void rollout();`, 'worker/ may not import workflows/'],
  [
    'worker/x.ts',
    `import type { Rollout } from '../workflows/x'; export type R = Rollout;`,
    'may not import workflows/',
  ],
  [
    'client/x.ts',
    `import { rollout } from '../workflows/x'; void rollout();`,
    'client/ may import only types of workflows/',
  ],
  ['client/x.ts', `import { demo } from '../dev/x'; void demo();`, 'client/ may load dev/ only inside a function'],
  [
    'client/x.ts',
    `const demo = require('../dev/x') as () => void; demo();`,
    'client/ may load dev/ only inside a function',
  ],
  [
    'client/x.ts',
    `import { Worker } from '@temporalio/worker'; void Worker.create();`,
    'may not import @temporalio/worker',
  ],
  ['client/x.ts', `export const f = (name: string) => require(name) as unknown;`, 'must be written as plain text'],
  ['plans/x/x.ts', `import { z } from 'zod'; z.string();`, 'files of plans/ import nothing'],
  ['shared/x.ts', `import { z } from 'zod'; z.string();`, 'files of shared/ import nothing'],
  ['dev/x.ts', `export const f = () => import('./y');`, 'load it by require'],
];

const allowed: [file: string, text: string][] = [
  ['contract/text/digest.ts', `import { createHash } from 'node:crypto'; createHash('sha256');`],
  [
    'contract/run/messages.ts',
    `import { defineSignal } from '@temporalio/workflow'; export const hold = defineSignal('hold');`,
  ],
  ['contract/x.ts', `import { z } from 'zod'; import { a } from './y'; export const b = z.literal(a);`],
  [
    'workflows/x.ts',
    `import type { A } from '../activities/x'; import { b } from '../contract/x'; export const c: A = b;`,
  ],
  ['workflows/x.ts', `import { type A } from '../activities/x'; export type B = A;`],
  ['workflows/x.ts', `export type A = import('../activities/x').A;`],
  ['activities/x.ts', `import { heartbeat } from '@temporalio/activity'; import { x } from '../sql/x'; heartbeat(x);`],
  [
    'adapters/x.ts',
    `import { Client } from '@temporalio/client'; import { Pool } from 'pg'; new Client(); new Pool();`,
  ],
  ['worker/x.ts', `export const path = require.resolve('../workflows/x');`],
  ['client/x.ts', `export const f = () => (require('../dev/x') as typeof import('../dev/x')).demo();`],
  ['client/x.ts', `import type { rollout } from '../workflows/x'; export type R = typeof rollout;`],
  ['activities/removal/x.ts', `import { look } from '../state/x'; import { y } from './y'; look(y);`],
  ['activities/x.ts', `import { drop } from './removal/x'; drop();`],
  ['test/sql/x.test.ts', `import { drop } from '../../sql/x'; import { Pool } from 'pg'; new Pool(drop);`],
];

describe('the linter', () => {
  let found: string[][];
  beforeAll(() => {
    found = lintTexts([...refused.map(([file, text]) => [file, text] as const), ...allowed]);
  });

  test.each(refused.map((one, index) => [...one, index] as const))(
    'refuses, in %s, %s',
    (_file, _text, because, index) => {
      expect(found[index]?.join('\n')).toContain(because);
    },
  );

  test.each(allowed.map((one, index) => [...one, refused.length + index] as const))(
    'allows, in %s, %s',
    (_file, _text, index) => {
      expect(found[index]).toEqual([]);
    },
  );
});

test.each(Object.entries(rooms))(
  'the rooms of %s/ are those of the table, and CONTRIBUTING names them in their order',
  (floor, order) => {
    const root = resolve(__dirname, '../..');
    const found = readdirSync(join(root, floor), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(found.map(({ name }) => name).sort()).toEqual([...order].sort());
    const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').replace(/\s+/g, ' ');
    expect(page).toContain(`${floor}/ ${order.join(' → ')}`);
  },
);

test('a file in the root of the project is nobody’s', () => {
  expect(faultOf('jest.config.js', './dev/x', 'value')).toBeUndefined();
});
