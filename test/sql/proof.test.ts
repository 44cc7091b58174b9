import { proofSql, removedFrom, replacementFrom } from '../../sql/proof';
import { samplePlan } from '../support/sample-database';

const columns = { removed: 'owner_api_key', replacement: 'owner_api_key_hash' };

test('the proof of the first plan becomes a condition over its columns', () => {
  expect(proofSql(samplePlan.proof, columns)).toBe(
    `(owner_api_key_hash = encode(sha256(convert_to(owner_api_key, 'UTF8')), 'hex'))`,
  );
});

test('only the words themselves are replaced, by quoted names', () => {
  const odd = { removed: 'Key', replacement: 'the replacement' };
  expect(proofSql(`Replacement = concat( 'removed''s ', REMOVED )`, odd)).toBe(
    `("the replacement" = concat( 'removed''s ', "Key" ))`,
  );
});

test.each([
  `replacement = removed`,
  `replacement is not null and not (removed <> lower(replacement))`,
  `length (removed) >= 12 or replacement = left(removed, 12) || '…'`,
  `removed::numeric * 100 - 1 = replacement - -1`,
])('taken: %s', (proof) => expect(() => proofSql(proof, columns)).not.toThrow());

test('a number is cast where it is one, and proves nothing where it is none', () => {
  expect(proofSql('replacement = removed::Integer', columns)).toBe(
    "(owner_api_key_hash = (case when owner_api_key::text ~ '^\\s*[-+]?[0-9]{1,18}\\s*$' then owner_api_key::text::bigint end))",
  );
  expect(proofSql('removed = lower(replacement)::text', columns)).toBe(
    '(owner_api_key = lower(owner_api_key_hash)::text)',
  );
});

test('what follows from the other one is known where the proof says it', () => {
  expect(replacementFrom('replacement = md5(removed)', 'a')).toBe('(md5(a))');
  expect(replacementFrom('removed = replacement::text', 'a')).toBeUndefined();
  expect(removedFrom('removed = replacement::text', 't."B"')).toBe('(t."B"::text)');
  expect(removedFrom(`removed = concat(replacement, '…')`, 't.b')).toBe(`(concat(t.b, '…'))`);
  expect(removedFrom('removed = 1 - -replacement', 'b')).toBe('(1 - -b)');
  for (const proof of [
    'replacement = md5(removed)',
    'removed = replacement or removed = lower(replacement)',
    '(removed = replacement)',
  ])
    expect(removedFrom(proof, 'b')).toBeUndefined();
});

test.each([
  ['a second statement', `replacement = removed; drop table sessions`, 'found "; drop table sessions"'],
  ['a query', `replacement = (select removed)`, 'found "select"'],
  ['a query in a function', `replacement = coalesce((select 1), removed)`, 'found "select"'],
  ['existence', `exists(removed) and replacement = removed`, 'found "exists"'],
  ['a function with effects', `replacement = removed and pg_sleep(10) is null`, 'found "pg_sleep"'],
  ['a function that reads files', `replacement = pg_read_file(removed)`, 'found "pg_read_file"'],
  ['another column', `replacement = removed and title = 'a'`, 'found "title"'],
  ['a quoted name', `replacement = "removed"`, 'found "\\"removed\\""'],
  ['a comment', `replacement = removed -- or not`, 'found "-- or not"'],
  ['a comment in a comment', `replacement = removed /* or */`, 'found "/* or */"'],
  ['a dollar quote', `replacement = $$removed$$ || removed`, 'found "$$removed$$ || removed"'],
  ['a cast', `replacement::bytea = sha256(convert_to(removed, 'UTF8'))`, 'found "::bytea"'],
  ['a cast of a result to a number', `length(removed)::bigint = replacement`, 'found ")::bigint"'],
  ['a cast to a name', `removed::"text" = replacement`, 'found "\\"text\\" = replacement"'],
  ['a cast of a cast', `removed::text::bigint = replacement`, 'found "::text::bigint"'],
  ['a division', `replacement / 100 = removed`, 'found "/ 100 = removed"'],
  ['a schema', `replacement = public.lower(removed)`, 'found ".lower(removed)"'],
  ['an escape', `replacement = removed || E'\\n'`, 'found "E"'],
  ['a backslash', `replacement = removed || '\\'`, 'expected a constant without a backslash'],
  ['an unfinished text', `replacement = removed || 'a`, `found "'a"`],
  ['no removed', `replacement = 'a'`, 'expected a proof that names "removed"'],
  ['no replacement but in a text', `removed = 'replacement'`, 'expected a proof that names "replacement"'],
  ['an early end', `replacement = removed) or (1 = 1`, 'expected as many ")" as "("'],
  ['an open end', `replacement = lower(removed`, 'expected as many ")" as "("'],
  ['nothing', '', 'expected a proof that names "replacement"'],
])('refused: %s', (_, proof, message) => expect(() => proofSql(proof, columns)).toThrow(message));
