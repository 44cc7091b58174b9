import { proofSql, removedFrom, replacementFrom } from '../../../sql/saved-values/proof';
import { loadGrammar } from '../../../sql/statements/grammar';
import { samplePlan } from '../../support/stages/sample-database';

const columns = { removed: 'owner_api_key', replacement: 'owner_api_key_hash' };
beforeAll(loadGrammar);

/** Without what every operator and function has before it. */
const shortOf = (sql: string): string =>
  sql.replaceAll(/OPERATOR\(pg_catalog\.([^)]+)\)/g, '$1').replaceAll('pg_catalog.', '');

test('the proof of the first plan becomes a condition over its columns, whole in every name', () => {
  expect(proofSql(samplePlan.proof, columns)).toBe(
    '(owner_api_key_hash OPERATOR(pg_catalog.=) ' +
      `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(owner_api_key, 'UTF8')), 'hex'))`,
  );
});

test('only the words themselves are replaced, by quoted names', () => {
  const odd = { removed: 'Key', replacement: 'the replacement' };
  expect(shortOf(proofSql(`Replacement = concat( 'removed''s ', REMOVED ) -- or not`, odd))).toBe(
    `("the replacement" = concat('removed''s ', "Key"))`,
  );
});

test.each([
  ['replacement = removed', '(r = d)'],
  ['(removed) = replacement', '(d = r)'],
  ['replacement is not null and not (removed <> lower(replacement))', '(r IS NOT NULL AND NOT (d <> lower(r)))'],
  [`length (removed) >= 12 or replacement = left(removed, 12) || '…'`, `(length(d) >= 12 OR r = (left(d, 12) || '…'))`],
  [`removed in ('a;b', replacement)`, `(d = 'a;b' OR d = r)`],
  [`removed not in ('a', 'b') and replacement = removed`, `((d <> 'a' AND d <> 'b') AND r = d)`],
  [`replacement between removed and 'x'`, `(r >= d AND r <= 'x')`],
  [`replacement not between 'x' and removed`, `(r < 'x' OR r > d)`],
  [`replacement like removed || '%' escape '!'`, `(r ~~ like_escape(d || '%', '!'))`],
  [`replacement = case removed when 'x' then 1 else 2 end`, `(r = (CASE WHEN d = 'x' THEN 1 ELSE 2 END))`],
  [`replacement = nullif(removed, '')`, `(r = (CASE WHEN d = '' THEN NULL ELSE d END))`],
  [`replacement is not distinct from removed`, `(COALESCE(r = d, r IS NULL AND d IS NULL))`],
  [`replacement = substring(removed from 2) and removed is not null`, `(r = SUBSTRING(d FROM 2) AND d IS NOT NULL)`],
  [`cast(replacement as text) = removed`, '(r::text = d)'],
  [`removed / 100 = replacement`, '((d / 100) = r)'],
  [`replacement = coalesce(removed, E'\\\\n')`, `(r = (COALESCE(d, E'\\\\n')))`],
  ['replacement = $$;$$ || removed', `(r = (';' || d))`],
])('taken: %s', (proof, sql) => {
  expect(shortOf(proofSql(proof, { removed: 'd', replacement: 'r' }))).toBe(sql);
});

test('a number is cast where it is one, and proves nothing where it is none', () => {
  const number = String.raw`E'^\\s*[-+]?[0-9]{1,18}\\s*$'`;
  const expected = `(r = (CASE WHEN d::text ~ ${number} THEN CAST(d::text AS bigint) END))`;
  for (const proof of ['replacement = removed::Integer', 'replacement = cast(removed as int8)'])
    expect(shortOf(proofSql(proof, { removed: 'd', replacement: 'r' }))).toBe(expected);
});

test('what follows from the other one is known where the proof says it', () => {
  const short = (sql: string | undefined): string | undefined => sql && shortOf(sql);
  expect(short(replacementFrom('replacement = md5(removed)', 'a'))).toBe('(md5(a))');
  expect(short(replacementFrom('(md5(removed) = replacement)', 'a'))).toBe('(md5(a))');
  expect(replacementFrom('removed = replacement::text', 'a')).toBeUndefined();
  expect(short(removedFrom('removed = replacement::text', 't."B"'))).toBe('(t."B"::text)');
  expect(short(removedFrom(`removed = concat(replacement, '…')`, 't.b'))).toBe(`(concat(t.b, '…'))`);
  expect(short(removedFrom('removed = 1 - -replacement', 'b'))).toBe('(1 - (- b))');
  expect(short(removedFrom('removed = replacement', '(k.key::int)'))).toBe('(k.key::int)');
  for (const proof of [
    'replacement = md5(removed)',
    'removed = replacement or removed = lower(replacement)',
    'removed = replacement || removed',
  ])
    expect(removedFrom(proof, 'b')).toBeUndefined();
});

test.each([
  ['a second statement', `replacement = removed; drop table sessions`, 'found 2 statements'],
  ['a query', `replacement = (select removed)`, 'found a query'],
  ['a query in a function', `replacement = coalesce((select 1), removed)`, 'found a query'],
  ['existence', `exists (select 1) and replacement = removed`, 'found a query'],
  ['a table', `replacement = removed from sessions`, 'found "from"'],
  ['a lock', `replacement = removed for update`, 'found a lock'],
  ['two expressions', `replacement = removed, true`, 'found several'],
  ['a name for it', `replacement = removed as yes`, 'found "ResTarget with name"'],
  ['an aggregate', `count(*) > 1 and replacement = removed`, 'found "FuncCall with agg_star"'],
  ['a window', `replacement = lower(removed) over ()`, 'found "FuncCall with over"'],
  ['a parameter', `replacement = removed || $1`, 'found a parameter'],
  ['a function with effects', `replacement = removed and pg_sleep(10) is null`, 'found "pg_sleep"'],
  ['a function that reads files', `replacement = pg_read_file(removed)`, 'found "pg_read_file"'],
  ['a function of a schema', `replacement = public.lower(removed)`, 'found "public.lower"'],
  ['an operator of a schema', `replacement operator(public.=) removed`, 'found "public.="'],
  ['an operator that is none of these', `replacement ~ removed`, 'found "~"'],
  ['an encoding out of the data', `replacement = encode('a', removed)`, "expected a constant such as 'hex'"],
  ['another column', `replacement = removed and title = 'a'`, 'found "title"'],
  ['a whole table', `replacement = removed and sessions.removed = 'a'`, 'found "sessions.removed"'],
  ['all columns', `replacement = removed and (t.*) is null`, 'found "t.*"'],
  ['a cast', `replacement::bytea = sha256(convert_to(removed, 'UTF8'))`, 'found one to "bytea"'],
  ['a cast to the name of an object', `removed::regclass = replacement`, 'found one to "regclass"'],
  ['a cast to a type of a schema', `removed::public.text = replacement`, 'found one to "public.text"'],
  ['a cast that cuts', `removed::varchar(3) = replacement`, '"TypeName with typmods"'],
  ['an array', `replacement = any (array[removed])`, 'another form'],
  ['the role', `replacement = removed || current_user`, 'a value of the session'],
  ['a division by a value', `100 / replacement = removed`, 'expected a number other than 0'],
  ['a division by nothing', `replacement / 0 = removed`, 'expected a number other than 0'],
  ['an unfinished text', `replacement = removed || 'a`, 'unterminated quoted string'],
  ['a NUL', `replacement = removed || '\0'`, 'found a NUL'],
  ['no removed', `replacement = 'a'`, 'expected a proof that names "removed"'],
  ['no replacement but in a text', `removed = 'replacement'`, 'expected a proof that names "replacement"'],
  ['an early end', `replacement = removed) or (1 = 1`, 'syntax error at or near ")"'],
  ['an open end', `replacement = lower(removed`, 'syntax error at end of input'],
  ['nothing', '', 'found none'],
  ['a comment alone', '-- replacement = removed', 'found none'],
  ['a tree of a thousand levels', `replacement = removed${' || removed'.repeat(150)}`, 'more than 100 levels'],
  [
    'a proof that would grow',
    `replacement = removed${'::text::bigint'.repeat(30)}`,
    'too many comparisons within comparisons',
  ],
])('refused: %s', (_, proof, message) => expect(() => proofSql(proof, columns)).toThrow(message));

test('the place of a fault is told in characters of the proof', () => {
  const proof = `replacement = 'ä€😀' || geheim and removed is null`;
  expect(() => proofSql(proof, columns)).toThrow(expect.objectContaining({ offset: proof.indexOf('geheim') }));
});
