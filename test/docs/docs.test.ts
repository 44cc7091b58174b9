import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { askers } from '../../activities/run/asked-by-its-run';
import { handedOn } from '../../client/terminal/handed-on';
import { exitCodeOf, exitCodes } from '../../client/terminal/exit-codes';
import { failureTypes } from '../../contract/run/failures';
import { parseRollbackOrder, parseRolloutOrder, rolloutOrderSchema } from '../../contract/run/inputs';
import { messageKinds, readMessage, type Choice } from '../../contract/run/messages';
import { phases, roles, searchAttributes, taskQueues, workflowTypes } from '../../contract/run/names';
import { eventTypes, readEvent } from '../../contract/run/run-event';
import { outcomes } from '../../contract/run/outcome';
import { durationsSchema, planSchema } from '../../contract/plan/plan';
import { defaultDurations } from '../../contract/plan/durations';
import { parsePlanFile } from '../../contract/plan/plan-file';
import { fieldsAt } from '../../contract/text/schema-fields';
import { furtherFunctions, proofFunctions } from '../../sql/statements/allowed';
import { loadGrammar } from '../../sql/statements/grammar';
import { statementProblems } from '../../sql/statements/plan-statements';
import { parseSettings } from '../../worker/settings/settings';
import { settingsSchema } from '../../worker/settings/settings-schema';
import { command } from '../support/looks/command-line';
import { editorFaults } from '../support/looks/editor-schema';
import { brokenLinks, examplesOf, imagesOf, pageOf, pages, type Example } from '../support/looks/doc-pages';

const project = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');
const manager = pageOf('docs/release-manager.md').text;
const engineer = pageOf('docs/platform-engineer.md').text;
const author = pageOf('docs/plan-author.md').text;
const quoted = (names: readonly string[]): string[] => names.map((name) => `\`${name}\``);

test('SECURITY.md has every activity in its list of what can be done with Temporal alone', () => {
  const listed = [...project('SECURITY.md').matchAll(/^\| (\w+) +\| (?:refused|answers)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(askers).sort());
});

describe('pages', () => {
  test.each(pages.map((page) => [page.file, page] as const))('%s has no link that leads nowhere', (_, page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test('are all in the index', () => {
    const index = pageOf('docs/README.md').text;
    const names = pages.flatMap(({ file }) => /^docs\/((?:decisions\/)?(?!README).+)$/.exec(file)?.[1] ?? []);
    expect(names.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });
});

describe('pictures', () => {
  const shown = pages.flatMap((page) => imagesOf(page));
  const files = readdirSync(join(__dirname, '../../docs/images'));

  test('are all there, and all shown', () => {
    expect([...new Set(shown.map(({ file }) => file))].sort()).toEqual(
      files.map((name) => `docs/images/${name}`).sort(),
    );
  });

  test.each(files)('%s is a PNG of at most 150 kB', (name) => {
    const bytes = readFileSync(join(__dirname, '../../docs/images', name));
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(bytes.length).toBeLessThan(150_000);
  });

  test.each(shown.map(({ file, says }) => [file, says] as const))('%s says in words what it shows', (_, says) => {
    expect(says.split(' ').length).toBeGreaterThan(5);
  });
});

describe('names', () => {
  const missing = (names: readonly string[], text: string) => quoted(names).filter((name) => !text.includes(name));

  test('each signal and each answer is explained to the release manager', () => {
    const choices = { retry: true, accept: true, abort: true, rollback: true } satisfies Record<Choice, true>;
    expect(missing([...messageKinds, ...Object.keys(choices), 'decide', 'status', 'why'], manager)).toEqual([]);
  });

  test('each outcome stands in the table with its exit code', () => {
    const rows = manager.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const right = outcomes.filter((outcome) =>
      rows.some((cells) => cells[1] === `\`${outcome}\`` && cells.at(-2) === String(exitCodeOf(outcome))),
    );
    expect(right).toEqual(outcomes);
  });

  test('each exit code is explained', () => {
    expect(missing(Object.values(exitCodes).map(String), manager)).toEqual([]);
  });

  test('each field of an order is explained', () => {
    expect(missing(Object.keys(rolloutOrderSchema.shape), manager)).toEqual([]);
  });

  test('each word of the CLI is named, and no other', async () => {
    const known = [...(await wordsOf([])), ...(await wordsOf(['plan'])).map((word) => `plan ${word}`)];
    expect(known).toEqual(expect.arrayContaining(Object.keys(handedOn)));
    const listed = pages.map(({ text }) => text).join('\n');
    expect(
      missing(
        known.filter((word) => word !== 'plan'),
        listed,
      ),
    ).toEqual([]);
    const used = [...listed.matchAll(/npx rubicon ([a-z]+)/g)].map(([, word = '']) => word);
    expect(used.filter((word) => !known.includes(word))).toEqual([]);
  });

  test('each section and field of the settings is explained to the platform engineer', () => {
    const schema = settingsSchema({ env: {}, folder: '', roles: [], secrets: new Set() });
    const environment = ['targets', 'agent-api', 'staging'];
    const fields = [
      ...fieldsAt(schema, []),
      ...['policy', 'slack', 'mail', 'backups', 'worker'].flatMap((section) => fieldsAt(schema, [section])),
      ...fieldsAt(schema, environment),
      ...fieldsAt(schema, [...environment, 'application']),
      ...fieldsAt(schema, [...environment, 'application', 'actions']),
    ];
    const aside = ['apiUrl', 'actions']; // for a local Slack; a heading of its own
    expect(
      missing(
        fields.filter((name) => !aside.includes(name)),
        engineer,
      ),
    ).toEqual([]);
  });

  test('each role, task queue and search attribute is named to the platform engineer', () => {
    expect(missing([...roles, ...Object.values(taskQueues)], engineer)).toEqual([]);
    expect(searchAttributes.filter((name) => !engineer.includes(`--name ${name} --type Keyword`))).toEqual([]);
  });

  test('each section, duration and default of a plan is explained to its author', () => {
    expect(missing(Object.keys(planSchema.omit({ name: true }).shape), author)).toEqual([]);
    expect(missing(Object.keys(durationsSchema.shape), author)).toEqual([]);
    const short = (text = '') => text.replace(/(\d) (\w).*$/, (_, digit: string, unit: string) => `${digit} ${unit}`);
    const values = Object.values(defaultDurations).map(short);
    expect(values.filter((value) => !author.includes(value))).toEqual([]);
  });

  test('each phase and workflow type is named where Temporal UI is explained', () => {
    expect(missing([...phases, ...Object.values(workflowTypes)], pageOf('docs/temporal-ui.md').text)).toEqual([]);
  });

  test('each event has its row', () => {
    const { text } = pageOf('docs/events.md');
    expect([...text.matchAll(/^\| `([a-z]+\.[a-z]+)` /gm)].map(([, type]) => type)).toEqual(eventTypes);
  });

  test('each failure that somebody must act on is named', () => {
    expect(missing(failureTypes, pageOf('docs/how-it-works.md').text)).toEqual([]);
  });
});

test('every function that a statement may call is on the page, and no other', () => {
  const rows = [...author.matchAll(/^\| (?:of proofs and selects|of selects besides) +\| (.*) \|$/gm)];
  const named = rows.map(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const ofTheGrammar = ['like_escape', 'similar_to_escape']; // what "like … escape" and "similar to" call
  const allowed = [proofFunctions, furtherFunctions].map((names) =>
    [...names].filter((name) => !ofTheGrammar.includes(name)),
  );
  expect(named).toEqual(allowed);
});

describe('examples', () => {
  beforeAll(loadGrammar);

  const examples = pages.flatMap((page) =>
    examplesOf(page)
      .filter(({ language }) => language === 'json' || language === 'yaml')
      .map((example) => [`${page.file}: ${example.language} ${example.of}`, example] as const),
  );

  test('there are some', () => expect(examples.length).toBeGreaterThan(10));

  test.each(examples)('%s is taken by the real parser, and underlined by no editor', (_, example) => {
    expect(faultsOf(example)).toEqual([]);
  });

  test('settings and plan of the project are taken too', () => {
    expect(settingsFaults(project('rubicon.example.yaml'))).toEqual([]);
    expect(planFaults(project('plans/drop-plaintext-api-keys/plan.yaml'))).toEqual([]);
  });
});

interface EventBody extends Record<'id' | 'type' | 'timestamp', string> {
  data: Record<string, unknown>;
}

function eventFaults({ id, type, timestamp: at, data: { text, link, run, ...data } }: EventBody): string[] {
  const event = readEvent({ id, type, at, text, link, run, data });
  return 'refused' in event ? [event.refused] : [];
}

/** Words that `--help` lists. */
async function wordsOf(word: string[]): Promise<string[]> {
  const { out } = await command([...word, '--help']);
  // Under several headings; options begin with a hyphen, and examples with a dollar sign.
  const words = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
  return words.filter((name) => name !== 'help');
}

/** What is wrong with an example; the second word of its fence says what it is one of. */
function faultsOf({ language, of, code }: Example): unknown[] {
  if (language === 'yaml') return yamlFaults(of, code);
  const value: unknown = JSON.parse(code);
  if (of === 'event') return eventFaults(value as EventBody);
  try {
    if (of === 'rollout') return [parseRolloutOrder(value)].filter((order) => order === undefined);
    if (of === 'rollback') return [parseRollbackOrder(value)].filter((order) => order === undefined);
  } catch (error) {
    return [(error as Error).message];
  }
  const message = readMessage(of === 'rollback-signal' ? 'rollback' : of, value);
  return 'refused' in message ? [message.refused] : [];
}

function yamlFaults(of: string, code: string): unknown[] {
  const settings = parse(project('rubicon.example.yaml')) as Record<string, unknown>;
  const plan = parse(project('plans/drop-plaintext-api-keys/plan.yaml')) as Record<string, unknown>;
  const part = parse(code) as Record<string, unknown>;
  switch (of) {
    case 'plan':
      return planFaults(code);
    case 'plan-part':
      return planFaults(stringify({ ...plan, ...part }));
    case 'plan-part-without-proof': {
      const { proof: _, ...rest } = plan;
      return planFaults(stringify({ ...rest, ...part }));
    }
    case 'plan-part-external': {
      const { proof: _, revision: __, ...rest } = plan;
      return planFaults(stringify({ ...rest, ...part }));
    }
    case 'settings':
      return settingsFaults(code);
    case 'settings-part':
      return settingsFaults(stringify({ ...settings, ...part }));
    case 'settings-actions': {
      const { targets } = settings as { targets: Record<string, Record<string, { application: object }>> };
      Object.assign(targets['agent-api']?.['staging']?.application ?? {}, part);
      return settingsFaults(stringify(settings));
    }
    case 'settings-action': {
      const { targets } = settings as { targets: Record<string, Record<string, { application: object }>> };
      const application = targets['agent-api']?.['staging']?.application as { actions: Record<string, unknown> };
      application.actions['maintenance'] = part;
      return settingsFaults(stringify(settings));
    }
    default:
      return [`expected an example of a plan or of settings, found "${of}"`];
  }
}

function planFaults(text: string): unknown[] {
  const parsed = parsePlanFile('example', text, { furtherChecks: [statementProblems] });
  return 'faults' in parsed ? parsed.faults : editorFaults('plan.schema.json', text);
}

/** Without roles no secret is resolved. */
function settingsFaults(text: string): unknown[] {
  const parsed = parseSettings(text, 'rubicon.yaml', { env: {}, roles: [] });
  return 'faults' in parsed ? parsed.faults : editorFaults('rubicon.schema.json', text);
}
