import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { newSealPair, publicPartOf } from '../../../activities/environment/seal-keys';
import type { Role } from '../../../contract/run/names';
import {
  findEnvironment,
  loadSettings,
  parseSettings,
  SettingsFault,
  type Settings,
} from '../../../worker/settings/settings';

const exampleFile = join(__dirname, '../../../rubicon.example.yaml');
const example = readFileSync(exampleFile, 'utf8');
const everyRole: Role[] = ['control', 'staging', 'production'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rubicon-settings-'));
  writeFileSync(join(folder, 'probe-key'), 'key-from-a-file\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Values that must never show; all of them hold this word. */
const secretWord = 'S3CRET';
const env = {
  RUBICON_SLACK_TOKEN: `xoxb-${secretWord}-one`,
  RUBICON_SLACK_CODES_TOKEN: `xoxb-${secretWord}-two`,
  RUBICON_SLACK_APP_TOKEN: `xapp-${secretWord}`,
  PAGER_WEBHOOK_URL: `https://pager.example.com/${secretWord}`,
  PAGER_WEBHOOK_SECRET: `whsec_${secretWord}${'A'.repeat(37)}=`,
  TICKETS_WEBHOOK_SECRET: `whsec_${secretWord}${'E'.repeat(37)}=`,
  RUBICON_MAIL_PASSWORD: `${secretWord}-mail`,
  STAGING_SEAL_KEY: 'MC4CAQAwBQYDK2VwBCIEIOAa5gU0CxwXlal9YdlQKVZUnE5gAnJrPTMKrpA4qBGO',
  PRODUCTION_SEAL_KEY: 'MC4CAQAwBQYDK2VwBCIEIAIQIewqFg/r97j+ZyB6aYjH4MJqAq0/jinhAVgY6T6/',
  RUBICON_APPROVAL_KEY: `${secretWord}-0123456789012345678901234567890`,
  STAGING_DATABASE_URL: `postgres://rubicon:${secretWord}@staging:5432/app`,
  STAGING_REDIS_URL: `redis://:${secretWord}@staging:6379/0`,
  STAGING_PROBE_KEY: `sk-${secretWord}-staging`,
  STAGING_MAINTENANCE_BYPASS: `${secretWord}-bypass`,
  STAGING_DEPLOY_AUTHORIZATION: `Bearer ${secretWord}`,
  PRODUCTION_DATABASE_URL: `postgres://rubicon:${secretWord}@production:5432/app`,
  PRODUCTION_REDIS_URL: `redis://:${secretWord}@production:6379/0`,
  PRODUCTION_MAINTENANCE_BYPASS: `${secretWord}-bypass`,
};

/** The example as data, changed and written again. */
function changed(change: (file: Draft) => void): string {
  const file = parse(example) as Draft;
  file.targets['agent-api']!.production.application.probeKey = 'file:probe-key';
  change(file);
  return stringify(file, { aliasDuplicateObjects: false });
}

/** Settings that may become wrong ones. */
interface Draft {
  [section: string]: unknown;
  people: Record<string, Record<string, unknown>>;
  policy: Record<string, unknown>;
  backups: Record<string, unknown>;
  slack: Record<string, Record<string, unknown>>;
  targets: Record<string, Record<'staging' | 'production', DraftEnvironment>>;
}
interface DraftEnvironment {
  [field: string]: unknown;
  application: { [field: string]: unknown; actions: Record<string, unknown> };
}

const parseIn = (text: string, roles: readonly Role[] = everyRole, variables: Record<string, string> = env) =>
  parseSettings(text, join(folder, 'rubicon.yaml'), { env: variables, roles });

function settingsOf(text: string, roles?: readonly Role[], variables?: Record<string, string>): Settings {
  const parsed = parseIn(text, roles, variables);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults, null, 1));
  return parsed.settings;
}

function faultsOf(text: string, roles?: readonly Role[], variables?: Record<string, string>): string[] {
  const parsed = parseIn(text, roles, variables);
  const faults = 'faults' in parsed ? parsed.faults : [];
  const lines = faults.map(({ place, message }) => `${place.replace(`${folder}/`, '')} ${message}`);
  expect(lines.join('\n')).not.toContain(secretWord);
  return lines;
}

describe('the annotated example', () => {
  test('is what the code reads, down to every secret', () => {
    const settings = settingsOf(changed(() => {}));
    expect(settings).toMatchObject({
      plans: [join(folder, 'plans')],
      policy: { approvals: { approver: 2 }, onCall: 'on-call', minimumSoakMs: 86_400_000 },
      slack: { announcements: { token: env.RUBICON_SLACK_TOKEN, channel: 'C024BE91L', stakeholders: 'C024BE92M' } },
      temporalUi: 'http://localhost:8233/namespaces/default',
      backups: { folder: join(folder, 'backups'), identities: join(folder, 'identities'), keepMs: 30 * 86_400_000 },
      approvalKey: { id: '2026-11', secret: env.RUBICON_APPROVAL_KEY },
      replay: 'refuse',
      failPoints: 'refuse',
      warnings: [],
    });
    expect(settings.people[1]).toEqual({
      name: 'anna',
      slackId: 'U024BE7LB',
      email: 'anna@example.com',
      roles: ['approver'],
    });
    expect(settings.targets[0]?.covered).toEqual({
      staging: { redis: true, maintenance: true, deploy: true, log: true },
      production: { redis: true, maintenance: true, deploy: true, log: true },
    });
  });

  test('becomes the environments that steps work on', () => {
    const settings = settingsOf(
      changed((file) => (file.targets['agent-api']!.staging.application['callIdHeader'] = 'X-Forwarded-For')),
    );
    expect(findEnvironment(settings, 'staging')('agent-api')).toEqual({
      target: 'agent-api',
      name: 'staging',
      postgresUrl: env.STAGING_DATABASE_URL,
      redisUrl: env.STAGING_REDIS_URL,
      backupFolder: join(folder, 'backups/agent-api/staging'),
      identityFolder: join(folder, 'identities/agent-api/staging'),
      keepBackupsMs: 30 * 86_400_000,
      backupScope: 'database',
      securityFloor: 'warn',
      superuser: 'warn',
      plans: [join(folder, 'plans')],
      rehearseOnCopy: 'required',
      seals: {
        role: 'staging',
        private: env.STAGING_SEAL_KEY,
        public: { staging: [publicPartOf(env.STAGING_SEAL_KEY)], production: [publicPartOf(env.PRODUCTION_SEAL_KEY)] },
      },
      secrets: [
        env.STAGING_DATABASE_URL,
        env.STAGING_REDIS_URL,
        env.STAGING_PROBE_KEY,
        env.STAGING_MAINTENANCE_BYPASS,
        env.STAGING_DEPLOY_AUTHORIZATION,
      ],
      application: {
        url: 'http://staging.agent-api.example:54000',
        health: { path: '/health', release: 'release' },
        probeKey: env.STAGING_PROBE_KEY,
        callIdHeader: 'X-Forwarded-For',
        maintenanceBypass: { header: 'X-Maintenance-Bypass', value: env.STAGING_MAINTENANCE_BYPASS },
        logFile: '/var/log/agent-api/staging.log',
        actions: {
          deploy: {
            action: {
              post: 'http://deploy.example/staging/agent-api',
              headers: { Authorization: env.STAGING_DEPLOY_AUTHORIZATION },
            },
            check: { get: 'http://staging.agent-api.example:54000/health', expect: { release: '$release' } },
            limitMs: 600_000,
          },
          maintenance: {
            action: { command: ['/usr/local/bin/agent-api-maintenance', 'staging'] },
            check: { get: 'http://deploy.example/staging/agent-api/state', expect: { maintenance: '$on' } },
            limitMs: 60_000,
          },
        },
        releaseChecks: [
          { name: 'tests', command: ['make', '-C', '/srv/agent-api', 'test'] },
          { name: 'no access to the removed field', command: ['make', '-C', '/srv/agent-api', 'no-plaintext-keys'] },
        ],
      },
    });
    const production = findEnvironment(settings, 'production')('agent-api');
    expect(production.application.probeKey).toBe('key-from-a-file');
    expect(production.application.actions.deploy?.action).toEqual({
      person: expect.stringContaining('Deploy this release'),
    });
    expect(() => findEnvironment(settings, 'production')('other')).toThrow(
      'expected a target that the production worker has in its settings (agent-api), found "other"',
    );
  });

  test('names all its variables and files when none is set, each with its place', () => {
    const faults = faultsOf(example, everyRole, {});
    for (const name of Object.keys(env)) {
      expect(faults.join('\n')).toContain(`expected the environment variable ${name}; set it for this worker`);
    }
    expect(faults.join('\n')).toContain('expected to read the file secrets/production-probe-key (ENOENT)');
    expect(faults).toHaveLength(Object.keys(env).length + 1);
    expect(faults[0]).toMatch(/^rubicon\.yaml:\d+:\d+ slack\.announcements\.token: /);
  });
});

test('a key of seals is of one role alone, and public parts are such', () => {
  const { staging, production } = (parse(example) as { seals: Record<'staging' | 'production', { public: string }> })
    .seals;
  const faults = (seals: object) =>
    faultsOf(
      changed((file) => Object.assign(file, { seals })),
      [],
    );
  expect(
    faults({ staging, production: { ...production, public: [production.public, staging.public].flat() } }),
  ).toEqual([expect.stringContaining('seals: expected a key of its own for each role')]);
  expect(faults({ staging: { ...staging, public: 'MCow' }, production })).toEqual([
    expect.stringContaining('seals.staging.public'),
  ]);
});

describe('a role gets the secrets that it needs, and no other', () => {
  test.each<[Role, (keyof typeof env)[]]>([
    [
      'control',
      [
        'RUBICON_SLACK_TOKEN',
        'PAGER_WEBHOOK_URL',
        'PAGER_WEBHOOK_SECRET',
        'TICKETS_WEBHOOK_SECRET',
        'RUBICON_MAIL_PASSWORD',
      ],
    ],
    [
      'staging',
      [
        'STAGING_DATABASE_URL',
        'STAGING_REDIS_URL',
        'STAGING_PROBE_KEY',
        'STAGING_MAINTENANCE_BYPASS',
        'STAGING_DEPLOY_AUTHORIZATION',
        'STAGING_SEAL_KEY',
      ],
    ],
  ])('%s', (role, names) => {
    const variables = Object.fromEntries(names.map((name) => [name, env[name]]));
    const settings = settingsOf(example, [role], variables);
    expect([...settings.secrets].sort()).toEqual(Object.values(variables).sort());
    expect(settings.approvalKey).toBeUndefined();
    expect(settings.slack.codes).toBeUndefined();
    expect(settings.webhooks.map(({ name }) => name)).toEqual(role === 'control' ? ['pager', 'tickets'] : []);
    expect(settings.mail?.login?.password).toBe(role === 'control' ? env.RUBICON_MAIL_PASSWORD : undefined);
    expect(settings.targets[0]?.production).toBeUndefined();
    expect(settings.targets[0]?.covered.production.redis).toBe(true);
    const rest = settingsOf(example, [role], { ...env });
    expect([...rest.secrets].sort()).toEqual([...settings.secrets].sort());
  });

  test('production has the approval key and the codes’ token, but no token for announcements', () => {
    const settings = settingsOf(
      changed(() => {}),
      ['production'],
    );
    expect(settings.approvalKey?.secret).toBe(env.RUBICON_APPROVAL_KEY);
    expect(settings.slack).toEqual({
      codes: {
        token: env.RUBICON_SLACK_CODES_TOKEN,
        buttons: { appToken: env.RUBICON_SLACK_APP_TOKEN, team: 'T024BE7LD' },
      },
    });
    expect(settings.targets[0]?.staging).toBeUndefined();
  });

  test('without a role the shape alone is checked', () => {
    expect(settingsOf(example, [], {}).secrets).toEqual([]);
  });
});

describe('a secret itself never stands in the file', () => {
  const literal = 'expected "env:NAME" or "file:PATH"; never put a secret itself into this file';
  test.each<[string, (file: Draft) => void, string]>([
    ['a password', (file) => (at(file).postgres = `postgres://u:${secretWord}@h/d`), `postgres: ${literal}`],
    ['a key', (file) => (at(file).application.probeKey = secretWord), `probeKey: ${literal}`],
    ['a token', (file) => (file.slack.codes!.token = `xoxb-${secretWord}`), `slack.codes.token: ${literal}`],
    ['a number', (file) => (file['approvalKey'] = { id: 'a', key: 1234567890 }), 'approvalKey.key: expected text'],
    [
      'a header',
      (file) => (at(file).application.actions.deploy = { post: 'http://a/', headers: { Authorization: secretWord } }),
      `actions.deploy.headers.Authorization: ${literal}`,
    ],
    [
      'a password in a URL',
      (file) => (at(file).application.url = `http://u:${secretWord}@host/`),
      'application.url: expected a URL without a secret',
    ],
    [
      'a token in a query',
      (file) => (at(file).application.actions.deploy = { post: `http://ci/?token=${secretWord}` }),
      'deploy.post: expected a URL without a secret; write the whole URL as env:NAME',
    ],
    [
      'an action that is gone',
      (file) => (at(file).application.actions['restart'] = { person: 'restart it', check: { command: ['true'] } }),
      'staging.application.actions.restart: expected none, found one: no rollout ever ran this action; remove it.',
    ],
    ['an unknown place', (file) => (at(file).pasword = secretWord), 'targets.agent-api.staging.pasword: unknown field'],
    ['broken YAML', () => {}, 'Missing closing'],
  ])('%s', (name, change, message) => {
    const text = name === 'broken YAML' ? `slack: "${secretWord}` : changed(change);
    expect(faultsOf(text).join('\n')).toContain(message);
  });
});

describe('a resolved secret that can’t be one is told without its value', () => {
  test.each([
    [
      'RUBICON_SLACK_APP_TOKEN',
      `xoxb-${secretWord}`,
      'expected an app-level token ("xapp-…"), with the scope connections:write (from env:RUBICON_SLACK_APP_TOKEN)',
    ],
    [
      'STAGING_DATABASE_URL',
      'S3CRET',
      'expected a URL such as postgres://user:password@host:port/database (from env:STAGING_DATABASE_URL)',
    ],
    ['STAGING_DATABASE_URL', 'postgres://S3CRET@host', 'expected a URL such as postgres://'],
    ['STAGING_REDIS_URL', 'http://S3CRET', 'expected a URL such as redis://user:password@host:port (from'],
    [
      'RUBICON_SLACK_TOKEN',
      'xoxb-S3CRET\nmore',
      'expected visible ASCII without line breaks (from env:RUBICON_SLACK_TOKEN)',
    ],
    [
      'RUBICON_APPROVAL_KEY',
      'S3CRET',
      'approvalKey.key: expected at least 32 bytes; make one with "openssl rand -base64 48"',
    ],
    ['STAGING_PROBE_KEY', '', 'expected the environment variable STAGING_PROBE_KEY'],
    [
      'STAGING_SEAL_KEY',
      'S3CRET',
      'seals.staging.private: expected a private key as "rubicon doctor --new-keys" makes it',
    ],
    [
      'PRODUCTION_SEAL_KEY',
      newSealPair().private,
      'seals.production.public: expected the public part of the private key first',
    ],
  ])('%s = %j', (name, value, message) => {
    const faults = faultsOf(
      changed(() => {}),
      everyRole,
      { ...env, [name]: value },
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(message);
  });
});

describe('unsafe combinations are refused', () => {
  test.each<[string, (file: Draft) => void, Record<string, string>, string]>([
    [
      'one database for both, by other users and names of the host',
      () => {},
      {
        STAGING_DATABASE_URL: 'postgres://a@LOCALHOST/app',
        PRODUCTION_DATABASE_URL: 'postgresql://b:c@127.0.0.1:5432/app?sslmode=require',
      },
      'targets.agent-api.production.postgres: expected a different database from targets.agent-api.staging.postgres: one environment would be changed instead of the other',
    ],
    [
      'one Redis for both',
      () => {},
      { STAGING_REDIS_URL: 'redis://cache:6379', PRODUCTION_REDIS_URL: 'rediss://:S3CRET@cache/0' },
      'production.redis: expected a different Redis from targets.agent-api.staging.redis',
    ],
    [
      'one application for both',
      (file) => (file.targets['agent-api']!.production.application.url = 'http://staging.agent-api.example:54000/'),
      {},
      'production.application.url: expected a different application',
    ],
    [
      'one log for both',
      (file) => (file.targets['agent-api']!.production.application.log = '/var/log//agent-api/staging.log'),
      {},
      'production.application.log: expected a different log',
    ],
    [
      'two targets on one database',
      (file) => (file.targets['agent-api-2'] = { ...file.targets['agent-api']! }),
      {},
      'targets.agent-api-2.staging.postgres: expected a different database from targets.agent-api.staging.postgres',
    ],
    [
      'a custodian for whom nothing can be sealed',
      (file) => (file.people.dora = { slack: 'U024BE7LF', roles: ['custodian'] }),
      {},
      'people.dora.recipient: expected a recipient of age ("age1…"): nothing can be sealed for this custodian without one',
    ],
    [
      'one person with two votes',
      (file) => (file.people.bert = { slack: 'U024BE7LB', roles: ['approver'] }),
      {},
      'people.bert.slack: expected a different one from that of "anna": one person would have two votes',
    ],
    [
      'a quorum that can’t be',
      (file) => (file.policy.approvals = { approver: 4 }),
      {},
      'policy.approvals.approver: expected at least 4 people with role "approver" and a Slack id, found 3',
    ],
    [
      'no one on call',
      (file) => (file.policy.onCall = 'oncall'),
      {},
      'policy.onCall: expected someone with role "oncall"',
    ],
    ['no approval at all', (file) => (file.policy.approvals = {}), {}, 'policy.approvals: expected a role'],
    ['no target', (file) => (file.targets = {}), {}, 'targets: expected at least one target'],
  ])('%s', (_, change, variables, message) => {
    expect(faultsOf(changed(change), everyRole, { ...env, ...variables }).join('\n')).toContain(message);
  });

  test('also where the worker may not resolve them', () => {
    const text = changed((file) => (file.targets['agent-api']!.production.postgres = 'env:STAGING_DATABASE_URL'));
    expect(faultsOf(text, ['control']).join('\n')).toContain('expected a different database');
  });

  test('two databases of one server are two', () => {
    settingsOf(
      changed(() => {}),
      everyRole,
      { ...env, PRODUCTION_DATABASE_URL: 'postgres://u:p@staging:5432/other' },
    );
  });
});

test.each([['tables'], [['public.sessions']]])('a backup may hold the rows of %j alone', (scope) => {
  const { targets } = settingsOf(changed((file) => (file.backups.scope = scope)));
  expect(targets[0]?.production?.backupScope).toEqual(scope);
  expect(faultsOf(changed((file) => (file.backups.scope = 'everything')))).toEqual([
    expect.stringMatching(/backups.scope/),
  ]);
});

describe('what is allowed and should be known is a warning', () => {
  test.each<[string, (file: Draft) => void, string]>([
    [
      'a short soak',
      (file) => (file.policy.minimumSoak = '10 s'),
      "policy.minimumSoak is 10 s, the runbook's is 24 hours",
    ],
    [
      'one Slack token for both',
      (file) => (file.slack.codes!.token = 'env:RUBICON_SLACK_TOKEN'),
      'slack.announcements and slack.codes have the same token',
    ],
    [
      'a short way back',
      (file) => (file.backups.keep = '2 days'),
      'backups.keep is 2 days: recovery ends before the week of aftercare does',
    ],
    [
      'identities beside the backups',
      (file) => delete file.backups.identities,
      'backups.identities is in backups.folder',
    ],
    [
      'identities somewhere below the backups',
      (file) => (file.backups.identities = 'backups/../backups/keys'),
      'backups.identities is in backups.folder',
    ],
    [
      'no Slack',
      (file) => delete (file as Record<string, unknown>).slack,
      'slack.codes is missing: no one can approve',
    ],
    [
      'approvers who can’t order',
      (file) => (file.policy.approvals = { approver: 3 }),
      'all 3 with role "approver" must approve, and none of them can order a rollout',
    ],
  ])('%s', (_, change, warning) => {
    expect(settingsOf(changed(change)).warnings.join('\n')).toContain(warning);
  });

  test('the same token under two names too', () => {
    const { warnings } = settingsOf(
      changed(() => {}),
      everyRole,
      { ...env, RUBICON_SLACK_CODES_TOKEN: env.RUBICON_SLACK_TOKEN },
    );
    expect(warnings.join('\n')).toContain('have the same token');
  });
});

describe('an action', () => {
  test.each<[string, object, string]>([
    ['is one thing', { post: 'http://a/', person: 'do it' }, 'expected exactly one of "command", "post", "person"'],
    ['is something', { limit: '1 s' }, 'expected exactly one of "command", "post", "person"'],
    ['of a person has a check', { person: 'deploy it' }, 'expected a "check" of what the person does'],
    [
      'has a check that compares',
      { post: 'http://a/', check: { get: 'http://b/' } },
      'expected "get" and "expect" together',
    ],
    ['has a URL', { post: 'deploy' }, 'deploy.post: expected a URL such as http://host:port/path'],
    ['has a command in pieces', { command: 'make deploy' }, 'deploy.command: expected a list'],
  ])('%s', (_, action, message) => {
    expect(faultsOf(changed((file) => (at(file).application.actions.deploy = action))).join('\n')).toContain(message);
  });

  test('maintenance is no person’s: it is lifted when nobody is there', () => {
    const person = { person: 'switch it', check: { command: ['true'] } };
    const faults = faultsOf(changed((file) => (at(file).application.actions.maintenance = person)));
    expect(faults.join('\n')).toContain(
      'expected a command or a POST: maintenance is also lifted when no one is there',
    );
  });

  test('may have a secret URL', () => {
    const text = changed((file) => (at(file).application.actions.deploy = { post: 'env:HOOK' }));
    const { targets, secrets } = settingsOf(text, everyRole, { ...env, HOOK: `https://ci/${secretWord}` });
    expect(targets[0]?.staging?.application.actions.deploy?.action).toEqual({ post: `https://ci/${secretWord}` });
    expect(secrets).toContain(`https://ci/${secretWord}`);
  });
});

test('all faults come at once, those of shape, of secrets and of safety', () => {
  const text = changed((file) => {
    file.people.anna!.slack = 'anna';
    file.policy.onCall = 'oncall';
    file['plan'] = ['plans'];
    at(file).application.log = '/var/log/agent-api/production.log';
    at(file).application.health = { path: 'health' };
  });
  const faults = faultsOf(text, everyRole, { ...env, STAGING_REDIS_URL: '' });
  const told = faults.join('\n');
  expect(told).toContain('people.anna.slack: expected a member id such as "U024BE7LH"');
  expect(told).toContain('plan: unknown field; did you mean "plans"?');
  expect(told).toContain('staging.application.health.path: ');
  expect(told).toContain('expected the environment variable STAGING_REDIS_URL');
  expect(faults).toHaveLength(4); // the rest can be judged once these sections can be read
});

describe('the settings file', () => {
  test('is the one that RUBICON_CONFIG names', () => {
    const file = join(folder, 'mine.yaml');
    writeFileSync(
      file,
      changed(() => {}),
    );
    const settings = loadSettings({ roles: everyRole, env: { ...env, RUBICON_CONFIG: file } });
    expect(settings.file).toBe(file);
    expect(settings.reports.folder).toBe(join(folder, 'reports'));
  });

  test('that is missing says how to get one', () => {
    expect(() => loadSettings({ roles: [], env: {}, file: join(folder, 'none.yaml') })).toThrow(
      'expected the settings file (ENOENT); copy rubicon.example.yaml, or set RUBICON_CONFIG to its path',
    );
  });

  test('that is wrong is told with every fault', () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'people: 3\n');
    const load = () => loadSettings({ roles: [], env: {}, file });
    expect(load).toThrow(SettingsFault);
    expect(load).toThrow(
      [
        `The settings ${file} can't be used:`,
        `  - ${file}:1:1: policy: missing; expected fields such as "name: value"`,
        `  - ${file}:1:1: targets: missing; expected fields such as "name: value"`,
        `  - ${file}:1:9: people: expected fields such as "name: value"`,
      ].join('\n'),
    );
  });
});

const at = (file: Draft): DraftEnvironment => file.targets['agent-api']!.staging;
