import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { parse } from 'yaml';
import { newSealPair } from '../../activities/environment/seal-keys';
import { roles, searchAttributes, type Role } from '../../contract/run/names';
import { parseSettings } from '../../worker/settings/settings';
import { startPostgres } from '../support/servers/servers';

// Docker is not needed for the tests: what Compose would do with the file is done here, as far as it matters.
const root = resolve(__dirname, '../..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

interface Service {
  image: string;
  command?: string[];
  environment?: Record<string, string>;
  configs?: { source: string; target: string }[];
  depends_on?: Record<string, { condition: string }>;
  user?: string;
  networks?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  security_opt?: string[];
  tmpfs?: string[];
  healthcheck?: { test: string[] };
}
interface Compose {
  services: Record<string, Service>;
  configs: Record<string, { content: string }>;
  networks: Record<string, unknown>;
}

const [stagingSeals, productionSeals] = [newSealPair(), newSealPair()];

const secrets: Record<string, string> = {
  STAGING_SEAL_KEY: stagingSeals.private,
  STAGING_SEAL_PUBLIC: stagingSeals.public,
  PRODUCTION_SEAL_KEY: productionSeals.private,
  PRODUCTION_SEAL_PUBLIC: productionSeals.public,
  STAGING_ADMIN_PASSWORD: 'aStagingAdminPassword3',
  PRODUCTION_ADMIN_PASSWORD: 'aProductionAdminPassword4',
  STAGING_APPLICATION_PASSWORD: 'aStagingApplicationPassword5',
  PRODUCTION_APPLICATION_PASSWORD: 'aProductionApplicationPassword6',
  STAGING_PASSWORD: 'aStagingPassword1',
  PRODUCTION_PASSWORD: 'aProductionPassword2',
  STAGING_PROBE_KEY: 'a staging key',
  PRODUCTION_PROBE_KEY: 'a production key',
  RUBICON_SLACK_TOKEN: 'xoxb-announcements',
  RUBICON_SLACK_CODES_TOKEN: 'xoxb-codes',
  RUBICON_APPROVAL_KEY: 'a key of more than thirty-two bytes, for these tests',
};

/** `${NAME:?message}` and `$$`, anywhere in the values, as Compose fills them in. */
function fillIn<T>(value: T): T {
  if (typeof value === 'string') {
    return value.replace(/\$\$|\$\{(\w+):\?[^}]*\}/g, (found, name?: string) => {
      if (name === undefined) return '$';
      const secret = secrets[name];
      if (secret === undefined) throw new Error(`expected ${found} among the secrets that the file explains`);
      return secret;
    }) as T;
  }
  if (Array.isArray(value)) return value.map(fillIn) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillIn<unknown>(inner)])) as T;
}

const compose = fillIn(parse(text, { merge: true }) as Compose);

function serviceOf(name: string): Service {
  const service = compose.services[name];
  if (!service) throw new Error(`expected a service ${name}, found ${Object.keys(compose.services).join(', ')}`);
  return service;
}

function settingsOf(role: Role, leaveOut?: string) {
  const { environment = {}, configs = [] } = serviceOf(`worker-${role}`);
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => name !== leaveOut));
  const content = compose.configs[configs[0]?.source ?? '']?.content ?? '';
  return parseSettings(content, configs[0]?.target ?? '', { env, roles: [role] });
}

describe.each(roles)('the worker of role %s', (role) => {
  const { environment = {}, command, configs } = serviceOf(`worker-${role}`);
  const own = Object.keys(environment).filter((name) => !/^TEMPORAL_|^RUBICON_CONFIG$/.test(name));

  test('finds settings and secrets that the real parser takes without a fault or a warning', () => {
    const parsed = settingsOf(role);
    expect('faults' in parsed ? parsed.faults : []).toEqual([]);
    expect('settings' in parsed && parsed.settings.warnings).toEqual([]);
  });

  test('has no variable that it does not need', () => {
    for (const name of own) {
      const parsed = settingsOf(role, name);
      expect('faults' in parsed && parsed.faults.map(({ message }) => message).join()).toContain(name);
    }
  });

  test('runs that role, with the settings at the place that it is told', () => {
    expect(command).toEqual(['worker', '--roles', role]);
    expect(configs?.[0]?.target).toBe(environment['RUBICON_CONFIG']);
  });

  test('is told addresses of services that it waits for', () => {
    const waitsFor = serviceOf(`worker-${role}`).depends_on ?? {};
    const urls = own.map((name) => environment[name] ?? '').filter((value) => /^\w+:\/\//.test(value));
    const hosts = [...urls, `grpc://${environment['TEMPORAL_ADDRESS']}`].map((url) => new URL(url).hostname);
    expect(hosts.sort()).toEqual(Object.keys(waitsFor).sort());
    for (const host of hosts) expect(serviceOf(host)).toHaveProperty('healthcheck');
  });
});

test('the approval key is with the production worker alone', () => {
  const holders = Object.entries(compose.services).filter(([, { environment = {} }]) =>
    JSON.stringify(environment).includes(secrets['RUBICON_APPROVAL_KEY'] ?? ''),
  );
  expect(holders.map(([name]) => name)).toEqual(['worker-production']);
});

test('staging and production share no secret and no place', () => {
  const of = (role: Role) => Object.values(serviceOf(`worker-${role}`).environment ?? {});
  const shared = of('staging').filter((value) => of('production').includes(value));
  expect(shared).toEqual(['temporal:7233', 'default', '/etc/rubicon/rubicon.yaml']);
});

test('every secret has to be given, and is explained at the top', () => {
  const explained = text.slice(0, text.indexOf('name: rubicon'));
  expect(text).not.toMatch(/\$\{\w+(:-|\})/);
  for (const name of Object.keys(secrets)) {
    expect(explained).toContain(name);
    expect(text).toContain(`\${${name}:?`);
  }
});

test('the servers know the passwords that the workers bring', () => {
  for (const environment of ['staging', 'production'] as const) {
    const urls = serviceOf(`worker-${environment}`).environment ?? {};
    const database = new URL(urls[`${environment.toUpperCase()}_DATABASE_URL`] ?? '');
    const { WORKER_PASSWORD: password, POSTGRES_DB: name } = serviceOf(database.hostname).environment ?? {};
    expect(database).toMatchObject({ username: 'rubicon', password, pathname: `/${name}` });
    const redis = new URL(urls[`${environment.toUpperCase()}_REDIS_URL`] ?? '');
    expect(redis.password).toBe(serviceOf(redis.hostname).environment?.['REDISCLI_AUTH']);
  }
});

test('no worker knows the password of a superuser or of the application', () => {
  const ofOthers = Object.entries(secrets).filter(([name]) => /ADMIN|APPLICATION/.test(name));
  expect(ofOthers).toHaveLength(4);
  for (const role of roles) {
    const known = JSON.stringify(serviceOf(`worker-${role}`).environment);
    for (const [, secret] of ofOthers) expect(known).not.toContain(secret);
  }
});

describe.each(Object.keys(compose.services))('%s', (name) => {
  const service = serviceOf(name);

  test('can change nothing but its data, and gain no rights', () => {
    expect(service).toMatchObject({
      ...{ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] },
      tmpfs: expect.arrayContaining(['/tmp']),
    });
    expect(service).not.toHaveProperty('privileged');
    expect(service).not.toHaveProperty('cap_add');
    // An image's own user; Temporal's volume belongs to root, who can do nothing without capabilities.
    expect(service.user).toBe(name === 'temporal' ? 'root' : /^(postgres|redis)/.exec(name)?.[1]);
  });

  test('is asked whether it is well', () => expect(service.healthcheck?.test[0]).toBe('CMD'));

  test('is in the networks of its own environment alone', () => {
    const [, environment = 'temporal'] = /-(staging|production)$/.exec(name) ?? [];
    const own = name.startsWith('worker-') ? ['temporal', environment] : [environment];
    expect(service.networks).toEqual([...new Set(own)]);
    for (const network of own) expect(compose.networks).toHaveProperty(network);
  });
});

test('Temporal registers the search attributes that rollouts set', () => {
  const wanted = searchAttributes.map((name) => `--search-attribute=${name}=Keyword`);
  expect(serviceOf('temporal').command?.filter((part) => part.startsWith('--search'))).toEqual(wanted);
});

test('servers are of the versions that the plans are written for', () => {
  const images = Object.values(compose.services).map(({ image }) => image);
  expect([...new Set(images)].sort()).toEqual(['postgres:16', 'redis:7', 'rubicon', 'temporalio/temporal:1.9.1']);
});

test('the image has programs of PostgreSQL that dump the servers, and bases that can be named by digest', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const [, major = '0'] = /^ARG POSTGRES_MAJOR=(\d+)$/m.exec(dockerfile) ?? [];
  const servers = Object.values(compose.services).flatMap(({ image }) => /^postgres:(\d+)/.exec(image)?.[1] ?? []);
  expect(servers).toHaveLength(2);
  for (const server of servers) expect(Number(major)).toBeGreaterThanOrEqual(Number(server));
  expect(dockerfile).toContain('postgresql-${POSTGRES_MAJOR} postgresql-client-${POSTGRES_MAJOR}');
  expect(dockerfile).toContain('/usr/lib/postgresql/${POSTGRES_MAJOR}/bin');
  expect(dockerfile).toMatch(/^FROM \$\{NODE_IMAGE\}$/m);
  expect(dockerfile).toMatch(/^USER node$/m);
});

test('the image holds every folder that a worker loads, and no other', () => {
  const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const taken = ignore.filter((line) => /^![a-z]+$/.test(line)).map((line) => line.slice(1));
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ours = folders
    .map(({ name }) => name)
    .filter((name) => !/^\.|^(node_modules|coverage|dev|bench|test|docs|schemas)$/.test(name));
  expect(taken.sort()).toEqual(ours.sort());
});

describe.each(['staging', 'production'] as const)('the database of %s', (name) => {
  test('is reached by its worker as a role that is no superuser, which the first start makes', async () => {
    const { environment = {} } = serviceOf(`worker-${name}`);
    const url = new URL(environment[`${name.toUpperCase()}_DATABASE_URL`] ?? '');
    const [roles] = serviceOf(`postgres-${name}`).configs ?? [];
    const script = compose.configs[roles?.source ?? '']?.content ?? '';
    expect(roles?.target).toMatch(/^\/docker-entrypoint-initdb\.d\/.*\.sh$/);
    const [, sql = ''] = /<<'SQL'\n([\s\S]*)\nSQL/.exec(script) ?? [];
    const server = await startPostgres();
    try {
      const given = { application: 'of the application', worker: server.password };
      for (const name of Object.keys(given))
        expect(sql).toMatch(new RegExp(`^\\\\getenv ${name} [A-Z]+_PASSWORD$`, 'm'));
      const own = Object.entries(given).reduce(
        (text, [name, value]) => text.replaceAll(`:'${name}'`, `'${value}'`),
        sql.replace(/^\\getenv .*$/gm, ''),
      );
      await inDatabase(server.url, own);
      const [row] = await inDatabase(
        server.urlOf({ user: url.username }),
        `select current_user::text as role, rolsuper as superuser from pg_roles where rolname = current_user`,
      );
      expect(row).toEqual({ role: 'rubicon', superuser: false });
    } finally {
      await server.stop();
    }
  });
});

async function inDatabase(connectionString: string, sql: string): Promise<object[]> {
  const client = new Client({ connectionString });
  await client.connect();
  return client
    .query<object>(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}
