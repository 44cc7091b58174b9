import { readFileSync } from 'node:fs';
import { DatabaseError } from 'pg';
import { z } from 'zod';

// In a scope of their own, tests would take what Node or a package throws for no Error at all: not so the product.
test('what Node and packages make is of the same classes as what the product makes', () => {
  expect(() => readFileSync('/nowhere')).toThrow(Error);
  expect(new DatabaseError('of pg', 0, 'error')).toBeInstanceOf(Error);
  expect([z.array(z.number()).parse([1])]).toEqual([expect.any(Array)]);
});

test('a package is the one that Node has loaded', () => {
  const { requireOfNode } = globalThis as unknown as { requireOfNode: NodeJS.Require };
  expect(requireOfNode(require.resolve('zod'))).toBe(require('zod'));
});
