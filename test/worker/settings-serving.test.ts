import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseSettings } from '../../worker/settings/settings';

// How the settings say which release serves, and how calls carry the probe key.

type Application = Record<string, unknown> & { actions: Record<string, unknown> };
const example = readFileSync(join(__dirname, '../../rubicon.example.yaml'), 'utf8');

function faultsWith(change: (application: Application) => void): string[] {
  const file = parse(example) as { targets: Record<string, { staging: { application: Application } }> };
  change(file.targets['agent-api']!.staging.application);
  const parsed = parseSettings(stringify(file), 'rubicon.yaml', { env: {}, roles: [] });
  return 'faults' in parsed ? parsed.faults.map(({ message }) => message) : [];
}

const place = 'targets.agent-api.staging.application';
const post = 'http://deploy.example/';

test.each([
  ['a health answer', (it: Application) => (it.health = {})],
  ['a check of an answer', (it: Application) => delete it.health],
  [
    'a check by a command',
    (it: Application) => {
      delete it.health;
      it.actions.deploy = { post, check: { command: ['agent-api-serves'] } };
    },
  ],
])('%s tells which release serves', (_, change) => expect(faultsWith((it) => void change(it))).toEqual([]));

test.each([
  ['no action', undefined],
  ['an action without a check', { post }],
  ['a check that says nothing of the release', { post, check: { get: post, expect: { status: 'ok' } } }],
])('without health, %s tells nothing: refused', (_, deploy) => {
  const faults = faultsWith((it) => {
    delete it.health;
    it.actions.deploy = deploy;
  });
  expect(faults).toEqual([
    `${place}.health: expected "health", or a "check" of actions.deploy that looks at "$release", found neither: nothing would tell which release serves`,
  ]);
});

test('the probe key goes in a header of its own', () => {
  expect(faultsWith((it) => (it.probeKeyHeader = { name: 'Authorization', scheme: 'Bearer' }))).toEqual([]);
  for (const name of ['X-Maintenance-Bypass', 'x-maintenance-bypass'])
    expect(faultsWith((it) => (it.probeKeyHeader = { name }))).toEqual([
      `${place}.maintenanceBypass.header: expected a separate header: another value is sent in this one`,
    ]);
  expect(faultsWith((it) => (it.callIdHeader = 'X-API-Key')).join()).toContain('expected a separate header');
  expect(faultsWith((it) => (it.probeKeyHeader = { name: 'User-Agent' })).join()).toContain(
    'expected a separate header',
  );
  for (const name of ['Host', 'Content-Length', 'a b', 'a:b', ''])
    expect(faultsWith((it) => (it.probeKeyHeader = { name }))).toEqual([
      expect.stringContaining('expected the name of a header such as "X-API-Key"'),
    ]);
  expect(faultsWith((it) => (it.probeKeyHeader = { name: 'A', scheme: 'a b' })).join()).toContain('expected one word');
});
