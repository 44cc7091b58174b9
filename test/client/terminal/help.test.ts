import { examples } from '../../../client/terminal/help';
import { handedOnOptions } from '../../../client/completion/handed-on-options';
import { readDemoOptions } from '../../../dev/demo/options';
import { doctorUsage } from '../../../worker/doctor/doctor-usage';
import { planNewUsage } from '../../../worker/plan-new/plan-new-order';
import { workerUsage } from '../../../worker/worker-usage';
import { command } from '../../support/looks/command-line';

const groups = ['Try and run:', 'Write a plan:', 'Start and steer a rollout:', 'See where it is:', 'Decide:'];

test('the help lists every word under a heading that says what it is for', async () => {
  const { out } = await command(['--help']);
  const headings = [...out.matchAll(/^\S.*:$/gm)].map(([line]) => line);
  expect(headings.filter((line) => !['Options:', 'Examples:'].includes(line)).sort()).toEqual([...groups].sort());
  expect(out).not.toContain('Commands:');
});

test.each(Object.entries(examples))('%s shows examples, whose options it has', async (word, lines) => {
  const { out } = await command([...word.split(' '), '--help']);
  for (const line of lines) {
    expect(out).toContain(`  $ npx rubicon ${line}`);
    expect(line.startsWith(word)).toBe(true);
    const explained = (await command([...line.split(' ').slice(0, wordsIn(line)), '--help'])).out;
    for (const [option] of line.matchAll(/(?<= )--?[a-z][a-z-]*/g))
      expect(explained).toMatch(new RegExp(`${option}\\b`));
  }
});

/** How many of its first parts are words: `plan` has words of its own. */
const wordsIn = (line: string): number => (line.startsWith('plan ') ? 2 : 1);

test('no word is without an example but those that explain themselves', async () => {
  const { out } = await command(['--help']);
  const words = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
  expect(words.filter((word) => examples[word] === undefined).sort()).toEqual(['demo', 'doctor', 'help', 'worker']);
});

const help: Record<string, string> = {
  demo: JSON.stringify(readDemoOptions(['--help'])),
  worker: workerUsage,
  doctor: doctorUsage,
  'plan new': planNewUsage,
};

test.each(Object.entries(handedOnOptions))('completion knows the options of %s', (path, options) => {
  const explained = new Set([...(help[path] ?? '').matchAll(/--[a-z-]+/g)].map(([name]) => name));
  const known = options.map(({ long }) => long);
  expect(known.filter((name) => !explained.has(name) && name !== '--output')).toEqual([]); // doctor says "-o"
  expect([...explained].filter((name) => !known.includes(name) && name !== '--help')).toEqual([]);
});
