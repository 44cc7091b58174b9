import { lintTexts } from '../support/looks/lint-texts';

const inFunction = (body: string): string =>
  `declare const ask: (it: string) => Promise<string>; export async function f(): Promise<unknown> { ${body} }`;

const refused = [
  `const a = ask('a'); const b = ask('b'); return [await a, await b];`,
  `const a = ask('a').then((it) => it.length); await ask('b'); return a;`,
];
const allowed = [
  `const [a, b] = await Promise.all([ask('a'), ask('b')]); return [a, b];`,
  `const a = await ask('a'); return a;`,
  `const a = ask('a').catch(() => undefined); await ask('b'); return await a;`,
  `const a = ask('a').then((it) => it, () => undefined); await ask('b'); return await a;`,
  `const a = 'a'.trim(); await ask(a); return a;`,
];

// A failure that nobody waits for yet fails the task of a workflow, and so does each new try of it.
describe('in workflows, a promise', () => {
  let found: string[][];
  beforeAll(() => {
    const file = 'workflows/steps/change.ts'; // one that has types
    found = lintTexts(
      [...refused, ...allowed].map((body) => [file, inFunction(body)] as const),
      { withTypes: true },
    );
  });

  test.each(refused.map((body, index) => [body, index] as const))('may not be kept under a name: %s', (_, index) => {
    expect(found[index]?.join('\n')).toContain('its failure is an unhandled rejection');
  });

  test.each(allowed.map((body, index) => [body, refused.length + index] as const))('is fine: %s', (_, index) => {
    expect(found[index]).toEqual([]);
  });
});
