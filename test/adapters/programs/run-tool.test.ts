import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { encrypt } from '../../../adapters/encryption/age';
import { runTool } from '../../../adapters/programs/run-tool';
import { writeAgeKeys, unsealStream, type AgeKeyFile } from '../../support/servers/age-keys';
import { processesNaming } from '../../support/servers/processes';
import { until } from '../../support/looks/until';

const shell = (script: string) => ({ program: '/bin/sh', arguments: ['-c', script] });

describe('a tool', () => {
  it('loses nothing of what it wrote before anybody began to read', async () => {
    let sizeBytes = 0;
    const gone = shell('printf %s gone-$$-tool; head -c 40000 /dev/zero');
    const { exitCode } = await runTool({
      ...gone,
      output: async (stdout) => {
        await until(() => processesNaming('gone-$$-tool').length === 0);
        await promisify(execFile)('true'); // by the end of a later one Node has noticed that of this one
        for await (const chunk of stdout) sizeBytes += (chunk as Buffer).length;
      },
    });
    expect(exitCode).toBe(0);
    expect(sizeBytes).toBeGreaterThan(40_000);
  });

  it('is ended by whoever stops reading', async () => {
    const failure = new Error('enough');
    const endless = runTool({
      ...shell('while :; do echo endless-tool; done'),
      output: async (stdout) => {
        for await (const _ of stdout) throw failure;
      },
    });
    await expect(endless).rejects.toBe(failure);
    expect(processesNaming('endless-tool')).toEqual([]);
  });
});

describe('what a tool writes, encrypted on its way,', () => {
  let folder: string;
  let keys: AgeKeyFile;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rubicon-run-'));
    keys = await writeAgeKeys(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** The script's end, and what it wrote, decrypted. */
  async function run(script: string) {
    const chunks: Buffer[] = [];
    const output = async (stdout: Readable) => {
      for await (const chunk of encrypt(stdout, keys.recipient)) chunks.push(chunk);
    };
    const end = await runTool({ ...shell(script), output });
    return { end, written: await unsealStream(chunks, keys.identityFile) };
  }

  it('is all that it wrote, however fast it ended', async () => {
    const word = randomBytes(6).toString('hex');
    const { end, written } = await run(`printf ${word}`);
    expect({ exitCode: end.exitCode, text: written.toString() }).toEqual({ exitCode: 0, text: word });
    expect((await run('head -c 300000 /dev/zero')).written).toHaveLength(300_000);
  });

  it('comes with its own end, bad as it may be', async () => {
    const { end, written } = await run('printf half; echo "sh: error: it broke" >&2; exit 3');
    expect(end).toMatchObject({ exitCode: 3, complaint: expect.stringContaining('it broke') });
    expect(written.toString()).toBe('half');
  });

  it('ends with it, also while it writes nothing, when the writing fails or is cancelled', async () => {
    const failure = new Error('no room');
    const script = `printf x; exec sleep 600.${process.pid}`;
    const failing = runTool({ ...shell(script), output: () => Promise.reject(failure) });
    await expect(failing).rejects.toBe(failure);
    expect(processesNaming(`sleep 600.${process.pid}`)).toEqual([]);

    const cancel = new AbortController();
    const cancelled = runTool({
      ...{ ...shell(script), signal: cancel.signal },
      output: async (stdout) => {
        for await (const _ of encrypt(stdout, keys.recipient)); // whatever comes
      },
    });
    cancelled.catch(() => undefined);
    await until(() => processesNaming(`sleep 600.${process.pid}`).length > 0);
    cancel.abort(failure);
    await expect(cancelled).rejects.toBe(failure);
    await until(() => processesNaming(`sleep 600.${process.pid}`).length === 0);
  });
});
