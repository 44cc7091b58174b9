import { hashOfKey } from '../../../dev/sample-application/sample-key';
import { parseRelease, type Caller, type Kind, type Owner } from '../../../dev/sample-application/releases';

const callerOf = (key: string): Caller => ({ key, hash: hashOfKey(key) });
const anna = callerOf('key of anna');
const bert = callerOf('key of bert');
const nobody: Caller = {};

const full: Owner = { owner_api_key: 'key of anna', owner_api_key_hash: hashOfKey('key of anna') };
const hashOnly: Owner = { owner_api_key: null, owner_api_key_hash: hashOfKey('key of anna') };
const keyOnly: Owner = { owner_api_key: 'key of anna' };
const nobodys: Owner = { owner_api_key: null, owner_api_key_hash: null };
const failed = 'ownership_check_failed';
const missing = 'ownership_check_failed_missing_hash';

describe('whom a guard refuses', () => {
  const cases: [string, string, Kind, Owner, Caller, string | undefined][] = [
    ['phase2', "shows an owner's row to its owner", 'session', full, anna, undefined],
    ['phase2', "refuses an owner's row to somebody else", 'session', full, bert, failed],
    ['phase2', "refuses an owner's row to an anonymous caller", 'assistant', full, nobody, failed],
    ['phase2', 'shows a public row to anybody', 'session', nobodys, bert, undefined],
    ['phase2', 'shows a session with a hash and no key to anybody', 'session', hashOnly, bert, undefined],
    [
      'phase2',
      'shows an assistant with a hash and no key to anonymous callers',
      'assistant',
      hashOnly,
      nobody,
      undefined,
    ],
    [
      'phase2',
      'refuses a row whose key is not the one of its hash to its owner',
      'session',
      { ...full, owner_api_key: 'new' },
      anna,
      failed,
    ],
    ['phase3', "shows an owner's row to its owner", 'session', full, anna, undefined],
    ['phase3', 'shows a row without a key to the owner of its hash', 'assistant', hashOnly, anna, undefined],
    ['phase3', 'refuses a row without a key to somebody else', 'session', hashOnly, bert, failed],
    ['phase3', "refuses an owner's row to an anonymous caller", 'session', hashOnly, nobody, failed],
    ['phase3', 'refuses a public session to a caller with a key', 'session', nobodys, anna, missing],
    ['phase3', 'shows a public session to an anonymous caller', 'session', nobodys, nobody, undefined],
    ['phase3', 'shows a public assistant to a caller with a key', 'assistant', nobodys, anna, undefined],
    ['phase3', 'shows an assistant that was cached without its hash to anybody', 'assistant', keyOnly, bert, undefined],
  ];
  test.each(cases)('%s %s', (release, _sentence, kind, owner, caller, refusal) => {
    expect(parseRelease(release).refusal(kind, owner, caller)).toBe(refusal);
  });
});

test('the old release writes key and hash, the new one the hash only', () => {
  expect(parseRelease('phase2').ownerOf(anna)).toEqual(full);
  expect(parseRelease('phase3').ownerOf(anna)).toEqual({ owner_api_key_hash: anna.hash });
  expect(parseRelease('phase2').ownerOf(nobody)).toEqual(nobodys);
});

test('another release is refused by its name', () => {
  expect(() => parseRelease('phase4')).toThrow('expected the release "phase2" or "phase3", found "phase4"');
  expect(() => parseRelease(undefined)).toThrow('found nothing');
});
