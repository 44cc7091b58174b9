import { newSealPair, publicPartOf, type SealKeys } from '../../../activities/environment/seal-keys';
import { isSealed, isSealOf, sealOf } from '../../../activities/seals/sealed';
import { isReceipt, type Seal } from '../../../contract/run/seal';
import { digestOf } from '../../../contract/text/digest';
import { everyCase } from '../../support/inputs/some';
import { seededRandom } from '../../support/looks/random';

const [staging, production] = [newSealPair(), newSealPair()];
const known = { staging: [staging.public], production: [production.public] };
const keys: SealKeys = { role: 'production', private: production.private, public: known };
const run = { workflowId: 'agent-api/drop/1', firstRun: 'first' };
const seen = { run, step: 'proveBackup', result: { id: 'b', rowCount: 3, findings: [{ check: 'rows', found: '3' }] } };
const seal = sealOf(keys, seen, undefined);

test('what a role has sealed is told from anything else', () => {
  expect(isSealed(keys, 'production', { ...seen, seal })).toBe(true);
  expect(seal).toMatchObject({ number: 1, before: '0'.repeat(64), key: expect.stringMatching(/^[0-9a-f]{16}$/) });
  const others: [string, boolean][] = [
    ['another role', isSealed(keys, 'staging', { ...seen, seal })],
    ['another step', isSealed(keys, 'production', { ...seen, step: 'finalCopy', seal })],
    ['another run', isSealed(keys, 'production', { ...seen, run: { ...run, firstRun: 'second' }, seal })],
    ['another result', isSealed(keys, 'production', { ...seen, result: { ...seen.result, rowCount: 4 }, seal })],
    ['no result', isSealed(keys, 'production', { ...seen, result: undefined, seal })],
    ['no key', isSealed({ public: {} }, 'production', { ...seen, seal })],
    [
      'the key of another role',
      isSealed({ public: { production: [staging.public] } }, 'production', { ...seen, seal }),
    ],
  ];
  expect(others.filter(([, isSo]) => isSo)).toEqual([]);
});

test('a seal of staging speaks for staging alone, whatever it says of itself', () => {
  const forged = sealOf({ ...keys, private: staging.private }, seen, undefined);
  expect(forged.role).toBe('production');
  expect(isSealed(keys, 'production', { ...seen, seal: forged })).toBe(false);
});

test('what was sealed with the key before is still known; a key of another kind is none', () => {
  const later = newSealPair();
  const list = { public: { production: [later.public, production.public] } };
  expect(isSealed(list, 'production', { ...seen, seal })).toBe(true);
  expect(publicPartOf(later.private)).toBe(later.public);
  expect(() => publicPartOf('x')).toThrow();
});

test('they are a chain: each names the one before, and watches are summed up', () => {
  const watch = (samples: number, healthy: number, last: Seal) =>
    sealOf(keys, { ...seen, step: 'watch', watched: { samples, healthy } }, last);
  const [second, third] = [watch(5, 5, seal), watch(3, 2, watch(5, 5, seal))];
  expect(second).toMatchObject({ number: 2, before: digestOf(seal), watched: { samples: 5, healthy: 5 } });
  expect(third).toMatchObject({ number: 3, watched: { samples: 8, healthy: 7 } });
  expect(sealOf(keys, seen, third)).toMatchObject({ number: 4, watched: { samples: 8, healthy: 7 } });
});

test('of many mutated seals none is accepted', () => {
  const random = seededRandom(14);
  const fields = Object.keys(seal) as (keyof Seal)[];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const odd = [undefined, null, '', 0, -1, 'x', [], {}, 'constructor', '__proto__', 2 ** 53, true];
  let accepted = 0;
  for (const _ of Array(everyCase ? 100_000 : 1_000).keys()) {
    const field = pick(fields);
    const value = seal[field];
    const text = String(value);
    const at = Math.floor(random() * text.length);
    const sign = String.fromCharCode(33 + Math.floor(random() * 90));
    const changed = random() < 0.8 ? text.slice(0, at) + sign + text.slice(at + 1) : pick(odd);
    if (changed === value || changed === text) continue;
    if (field === 'signature' && isSameBytes(changed, text)) continue;
    const mutated: Seal = { ...seal, [field]: changed };
    if (isSealed(keys, 'production', { ...seen, seal: mutated })) accepted += 1;
    if (isSealOf(keys.public, 'production', { run, step: 'proveBackup', seal: mutated })) accepted += 1;
  }
  expect(accepted).toBe(0);
});

/** Base64 has more than one text for the same bytes. */
const isSameBytes = (one: unknown, other: string): boolean =>
  typeof one === 'string' && Buffer.from(one, 'base64').equals(Buffer.from(other, 'base64'));

test.each([
  [{ result: 1, seal }, true],
  [{ result: undefined, seal }, true],
  [{ result: 1, seal, more: 1 }, false],
  [{ result: 1, seal: null }, false],
  [{ result: 1, seal: { signature: 1 } }, false],
  [[], false],
  [null, false],
])('%j is a receipt: %s', (answer, isSo) => expect(isReceipt(answer)).toBe(isSo));
