import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { withScratchPostgres, type Scratch } from '../../../adapters/scratch/scratch-postgres';
import { sweepScratch } from '../../../adapters/scratch/sweep';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { processesNaming } from '../../support/servers/processes';
import { until } from '../../support/looks/until';

const toolsFolder = findPostgresFolder();
const root = path.join(__dirname, '../../..');
const nobody = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync('/var/tmp/rubicon-test-');
  chmodSync(folder, 0o755);
});

afterEach(async () => {
  await sweepScratch(folder);
  rmSync(folder, { recursive: true });
});

const left = () => ({ files: readdirSync(folder), processes: processesNaming(folder) });
const nothing = { files: [], processes: [] };

const ask = (scratch: Scratch, sql: string) =>
  openPostgres(scratch.connection('postgres')).withClient(async (client) => (await client.query(sql)).rows[0]);

describe('a throw-away server', () => {
  it('is there for the callback, and gone afterwards, with a receipt', async () => {
    const { value, receipt } = await withScratchPostgres({ toolsFolder, folder }, async (scratch) => {
      expect(statSync(scratch.folder).mode & 0o077).toBe(isRoot ? 0o011 : 0);
      expect(processesNaming(folder).length).toBeGreaterThan(0);
      return ask(scratch, `select current_setting('wal_level') as wal, current_setting('listen_addresses') as network`);
    });
    expect(value).toEqual({ wal: 'minimal', network: '' });
    expect(receipt).toEqual({
      destroyed: true,
      folder: expect.stringContaining(folder),
      startedAt: expect.any(String),
      destroyedAt: expect.any(String),
      serverVersion: expect.stringMatching(/^\d+\.\d+$/),
    });
    await until(() => processesNaming(folder).length === 0); // the guard takes a moment to go
    expect(left()).toEqual(nothing);
  });

  it('is gone after the callback failed, whose error comes through', async () => {
    const failure = new Error('the callback fails');
    await expect(withScratchPostgres({ toolsFolder, folder }, () => Promise.reject(failure))).rejects.toBe(failure);
    await until(() => processesNaming(folder).length === 0);
    expect(left()).toEqual(nothing);
  });

  it('is gone after a cancel, in the middle of a statement', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by the test');
    const working = withScratchPostgres({ toolsFolder, folder, signal: cancel.signal }, async (scratch) => {
      setImmediate(() => cancel.abort(reason));
      await ask(scratch, 'select pg_sleep(600)');
    });
    await expect(working).rejects.toBe(reason);
    await until(() => processesNaming(folder).length === 0);
    expect(left()).toEqual(nothing);
  });

  it('is gone after it was ended by somebody else', async () => {
    const working = withScratchPostgres({ toolsFolder, folder }, async (scratch) => {
      const [pid] = processesNaming(`${scratch.folder}/cluster/data`);
      process.kill(pid ?? 0, 'SIGKILL');
      await until(() =>
        ask(scratch, 'select 1').then(
          () => false,
          () => true,
        ),
      );
      return ask(scratch, 'select 1');
    });
    await expect(working).rejects.toThrow('no connection to');
    await until(() => processesNaming(folder).length === 0);
    expect(left()).toEqual(nothing);
  });

  const asRoot = (name: string, work: () => Promise<void>): void =>
    isRoot ? it(name, work) : it.skip(`${name}: takes two users, which root alone can be`, work);

  asRoot('lets no other user in', async () => {
    await withScratchPostgres({ toolsFolder, folder }, async (scratch) => {
      const socket = path.join(scratch.folder, 'cluster/s');
      const asOther = spawnSync(
        path.join(toolsFolder, 'psql'),
        ['-h', socket, '-U', 'root', '-c', 'select 1', 'postgres'],
        { ...nobody, cwd: '/', encoding: 'utf8' },
      );
      expect(asOther.stderr).toContain('Peer authentication failed');
    });
  });

  it('needs a folder whose sockets have short paths', async () => {
    const long = path.join(folder, 'x'.repeat(80));
    mkdirSync(long);
    await expect(withScratchPostgres({ toolsFolder, folder: long }, () => Promise.resolve())).rejects.toThrow(
      'expected a folder for throw-away servers with a path of at most 50 bytes',
    );
    expect(readdirSync(long)).toEqual([]);
  });
});

/** Root can also be an ordinary user, provided that this one may read our sources. */
const users: [string, { uid?: number; gid?: number }][] = [[isRoot ? 'root' : 'an ordinary user', {}]];
const mayRead = spawnSync(process.execPath, ['-r', 'tsx/cjs', '-e', ''], { cwd: root, ...(isRoot ? nobody : {}) });
if (isRoot && mayRead.status === 0) users.push(['an ordinary user', nobody]);
else if (isRoot) it.skip(`when an ordinary user: ${root} can be read by root alone`, () => undefined);

describe.each(users)('when %s', (_who, user) => {
  let owner: ChildProcess;
  let scratchFolder: string;

  beforeEach(async () => {
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid ?? user.uid);
    const program = path.join(root, 'test/support/faults/scratch-owner.ts');
    owner = spawn(process.execPath, ['-r', 'tsx/cjs', program, toolsFolder, folder], {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'inherit'], ...user },
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    });
    scratchFolder = await new Promise((resolve) => {
      owner.stdout?.once('data', (line: Buffer) => resolve((JSON.parse(line.toString()) as { folder: string }).folder));
    });
  });

  afterEach(() => owner.kill('SIGKILL'));

  /** As that user, since the sweep only touches folders of its own. */
  const sweep = async (): Promise<unknown> => {
    if (user.uid === undefined) return sweepScratch(folder);
    const code = `require('./adapters/scratch/sweep').sweepScratch(${JSON.stringify(folder)}).then((sweep) => console.log(JSON.stringify(sweep)))`;
    const options = { cwd: root, ...user, env: { PATH: process.env['PATH'], HOME: '/nonexistent' } };
    return JSON.parse(execFileSync(process.execPath, ['-r', 'tsx/cjs', '-e', code], options).toString());
  };

  it('is killed, the guard ends the server and removes the data; a sweep removes the rest', async () => {
    owner.kill('SIGKILL');
    await until(() => processesNaming(scratchFolder).length === 0, 20_000);
    expect(existsSync(path.join(scratchFolder, 'cluster/data'))).toBe(false);
    expect(await sweep()).toEqual({ removed: [scratchFolder], failed: [] });
    expect(left()).toEqual(nothing);
  });

  it('is killed together with the guard, a sweep ends the server and removes everything', async () => {
    for (const pid of processesNaming(`rubicon-scratch-guard ${scratchFolder}`)) process.kill(pid, 'SIGKILL');
    owner.kill('SIGKILL');
    await until(() => owner.signalCode !== null);
    expect(processesNaming(scratchFolder).length).toBeGreaterThan(0);
    expect(await sweep()).toEqual({ removed: [scratchFolder], failed: [] });
    expect(left()).toEqual(nothing);
  });

  it('is alive, or only frozen, a sweep touches nothing', async () => {
    expect(await sweep()).toEqual({ removed: [], failed: [] });
    owner.kill('SIGSTOP');
    expect(await sweep()).toEqual({ removed: [], failed: [] });
    expect(existsSync(path.join(scratchFolder, 'cluster/data/PG_VERSION'))).toBe(true);
  });
});

describe('a sweep', () => {
  it('leaves a folder alone that is just being made, and takes it when it is old', async () => {
    const young = path.join(folder, 'rubicon-scratch-abcdef');
    mkdirSync(young);
    expect(await sweepScratch(folder)).toEqual({ removed: [], failed: [] });
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
    expect(await sweepScratch(folder)).toEqual({ removed: [young], failed: [] });
    clock.mockRestore();
  });

  it('leaves what has another name or belongs to others', async () => {
    mkdirSync(path.join(folder, 'something-else'));
    utimesSync(path.join(folder, 'something-else'), 0, 0);
    expect(await sweepScratch(folder)).toEqual({ removed: [], failed: [] });
    expect(readdirSync(folder)).toEqual(['something-else']);
  });
});
