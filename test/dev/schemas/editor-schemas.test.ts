import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import { editorSchemas } from '../../../dev/schemas/editor-schemas';
import { editorFaults, schemasFolder } from '../../support/looks/editor-schema';

const root = resolve(__dirname, '../../..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const plan = textOf('plans/drop-plaintext-api-keys/plan.yaml');
const settings = textOf('rubicon.example.yaml');

test('the files of schemas/ are what follows from the code; after a change of it: npm run schemas', () => {
  const made = editorSchemas();
  expect(readdirSync(schemasFolder).sort()).toEqual(made.map(({ file }) => file).sort());
  for (const { file, text } of made) expect(textOf(`schemas/${file}`)).toBe(text);
});

test('each section of a plan and of the settings says what it is for', () => {
  const silent = editorSchemas().flatMap(({ file, text }) => {
    const { properties } = JSON.parse(text) as { properties: Record<string, { description?: string }> };
    return Object.entries(properties).flatMap(([name, { description }]) =>
      description === undefined ? [`${file}: ${name}`] : [],
    );
  });
  expect(silent).toEqual([]);
});

test('comments of the code are found through names, lists, records, unions and functions', () => {
  const [ofPlan, ofSettings] = editorSchemas().map(({ text }) => JSON.parse(text) as unknown);
  expect(ofPlan).toMatchObject({
    properties: {
      revision: { description: expect.stringMatching(/^The migration tool's own record/) },
      queries: { items: { properties: { sample: { description: expect.stringContaining('real values for `$1`') } } } },
      watch: { items: { oneOf: [{ properties: { measure: { description: 'Number of matching lines within a sample.' } } }, {}, {}] } },
    },
  });
  expect(ofSettings).toMatchObject({
    properties: {
      people: { additionalProperties: { properties: { slack: { description: expect.stringContaining('Member id') } } } },
      targets: {
        additionalProperties: {
          properties: {
            staging: {
              properties: {
                application: {
                  properties: { actions: { properties: { deploy: { properties: { person: { description: 'What a person has to do.' } } } } } },
                },
              },
            },
          },
        },
      },
    },
  });
});

describe('an editor', () => {
  test('underlines nothing in the examples', () => {
    expect(editorFaults('plan.schema.json', plan)).toEqual([]);
    expect(editorFaults('rubicon.schema.json', settings)).toEqual([]);
  });

  test.each(['plans/drop-plaintext-api-keys/plan.yaml', 'rubicon.example.yaml'])('finds the schema of %s', (file) => {
    const [, place = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(textOf(file)) ?? [];
    expect(existsSync(join(root, dirname(file), place))).toBe(true);
    expect(place).toMatch(/\.schema\.json$/);
  });

  test.each<[string, (file: Draft) => void, string]>([
    ['a section that there is not', (file) => (file['remove'] = file['removes']), ' must NOT have additional properties'],
    ['a section that lacks', (file) => delete file['watch'], " must have required property 'watch'"],
    ['a number for a text', (file) => (file['does'] = 4), '/does must be string'],
    ['a duration without a unit', (file) => (file['durations'] = { soak: '24' }), String.raw`/durations/soak must match pattern "\d\s*[A-Za-z]"`],
    ['a value without quotes', (file) => (file['removes'] = [{ table: 'a', where: { id: 42 } }]), '/removes/0/where/id must be string'],
    ['a moving prefix', (file) => (file['cache'] = { flush: ['*'], neverContains: 'x' }), '/cache/flush/0 must match pattern'],
  ])('underlines %s in a plan', (_, change, fault) => {
    expect(editorFaults('plan.schema.json', changed(plan, change)).join('\n')).toContain(fault);
  });

  test.each<[string, (file: Draft) => void, string]>([
    ['a secret', (file) => (environmentIn(file)['postgres'] = 'postgres://a:b@c/d'), '/targets/agent-api/staging/postgres must match pattern "^(env:'],
    ['a policy that there is not', (file) => ((file['policy'] as Draft)['superuser'] = 'allow'), '/policy/superuser must be equal to one of the allowed values'],
    ['an action of two kinds', (file) => (actionIn(file)['person'] = 'Deploy it.'), '/deploy must match exactly one schema in oneOf'],
    ['an action that is gone', (file) => (applicationIn(file)['actions'] = { restart: {} }), '/actions must NOT have additional properties'],
  ])('underlines %s in settings', (_, change, fault) => {
    expect(editorFaults('rubicon.schema.json', changed(settings, change)).join('\n')).toContain(fault);
  });
});

interface Draft {
  [field: string]: unknown;
}

function changed(text: string, change: (file: Draft) => void): string {
  const file = parse(text) as Draft;
  change(file);
  return stringify(file);
}

const part = (file: unknown, ...path: string[]): Draft => path.reduce((at, name) => (at as Draft)[name] as Draft, file) as Draft;
const environmentIn = (file: Draft): Draft => part(file, 'targets', 'agent-api', 'staging');
const applicationIn = (file: Draft): Draft => part(environmentIn(file), 'application');
const actionIn = (file: Draft): Draft => part(applicationIn(file), 'actions', 'deploy');
