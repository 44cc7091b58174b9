import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nearest } from '../../contract/text/nearest';
import { stories, type StoryName } from '../stories/stories';

/** What the demo was asked for. */
export interface DemoOptions {
  story: StoryName;
  /** Nobody plays the people. */
  wait: boolean;
  /** Everything goes on running afterwards, until Ctrl-C. */
  stay: boolean;
  /** Where the report is kept. */
  reportsFolder: string;
}

const reportsFolder = resolve(__dirname, '../..', '.rubicon', 'reports');

/** The options, what to print instead of a demo, or what is wrong with them. */
export function readDemoOptions(args: string[]): DemoOptions | { help: string } | { fault: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        fail: { type: 'string' },
        wait: { type: 'boolean', default: false },
        stay: { type: 'boolean', default: false },
        reports: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { help: demoHelp() };
    const { fail: story = 'usual', wait, stay } = values;
    if (!isStory(story) || values.fail === 'usual') return { fault: unknownStory(values.fail ?? '') };
    return { story, wait, stay, reportsFolder: values.reports ? resolve(values.reports) : reportsFolder };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

const isStory = (name: string): name is StoryName => Object.hasOwn(stories, name);
const failures = Object.entries(stories).filter(([name]) => name !== 'usual');

function unknownStory(name: string): string {
  const known = failures.map(([each]) => each);
  const meant = nearest(name, known);
  return `expected --fail ${known.join(', ')}; found "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

const demoHelp = (): string => `Usage: npm run demo [-- OPTIONS]        (or: npx rubicon demo [OPTIONS])

Carries the plan drop-plaintext-api-keys from start to done on a stack of its own: Temporal, two PostgreSQL, two Redis,
a small application under traffic in staging and production, and a local Slack. All of it is real, on this machine, on
free ports, and gone afterwards, but for the report. The people are played: they read the codes in their messages.

Options
  --fail WHAT      another story:
${failures.map(([name, { shows }]) => `      ${name.padEnd(12)} ${shows}`).join('\n')}
  --wait           plays no one: you read the Slack page and send the signals, in Temporal UI or by the CLI
  --stay           leaves everything running afterwards, to look around in Temporal UI and Slack, until Ctrl-C
  --reports DIR    where the report is kept; default .rubicon/reports
  -h, --help       this

Waits are shortened by a copy of the plan with other durations (soak 24 hours → 16 s) and a smaller load test, so its
digest differs.

Exit codes
  0    the story went as expected, and no request failed outside maintenance
  1    it did not, or the stack could not be started
  2    unusable options
  3    with --wait: the rollout ended otherwise than the story would have, as you decided
  130  interrupted by Ctrl-C; nothing is left behind
`;
