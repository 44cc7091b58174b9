import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { publicPartOf } from '../../../activities/environment/seal-keys';
import { newSealKeys } from '../../../worker/doctor/new-keys';

test('it makes a pair a role: a file for its owner alone, and the section of the settings; never over one that is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-test-keys-'));
  try {
    const { seals } = parse(await newSealKeys(folder)) as {
      seals: Record<string, { private: string; public: string }>;
    };
    expect(Object.keys(seals)).toEqual(['staging', 'production']);
    for (const [role, pair] of Object.entries(seals)) {
      const file = join(folder, `${role}.seal`);
      expect(pair.private).toBe(`file:${file}`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(publicPartOf(readFileSync(file, 'utf8').trim())).toBe(pair.public);
    }
    await expect(newSealKeys(folder)).rejects.toThrow(
      /staging\.seal, found that it is there already: move it away first/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
