/** Set by `jest.kill.config.js`. Facts of tests are bundled with workflows, too, where there is no process. */
export const everyCase = typeof process !== 'undefined' && process.env['RUBICON_EVERY_CASE'] === '1';

/**
 * Of many cases that differ little: in `npm test` the first and one in so many after it, in `npm run test:kill` all of them
 * (test/kill/kinds/every-case.test.ts names the files).
 *
 * @param oneIn default 3
 */
export const some = <T>(cases: readonly T[], oneIn = 3): T[] =>
  cases.filter((_, index) => everyCase || index % oneIn === 0);

/** For properties and long lists: how many, of which `npm test` takes a third. */
export const someOf = (count: number): number => (everyCase ? count : Math.ceil(count / 3));
