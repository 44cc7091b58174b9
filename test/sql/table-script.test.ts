import { afterTheRows } from '../../sql/table-script';

const block = (name: string, type: string, sql: string): string =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: o\n--\n\n${sql}`;
const key = block('t a_key', 'CONSTRAINT', 'ALTER TABLE ONLY public.t\n    ADD CONSTRAINT a_key UNIQUE (a);');
const primary = block(
  't t_pkey',
  'CONSTRAINT',
  'ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (a);',
);
const index = block('i', 'INDEX', 'CREATE INDEX i ON public.t USING btree (a);');
const trigger = block('t x', 'TRIGGER', 'CREATE TRIGGER x …;');
const usual = `SET default_tablespace = '';`;
const fast = 'SET default_tablespace = fast;';

/** As pg_dump writes it: a tablespace before the first object in it. */
const after = [usual, key, fast, primary, usual, index, trigger].join('\n\n');
const table = { schema: 'public', table: 't', after };

test('the primary key comes first, and each index is made in its own tablespace', () => {
  expect(afterTheRows(table).own).toEqual([
    `${fast}\n\n${primary}`,
    `${usual}\n\n${key}`,
    `${usual}\n\n${index}`,
    trigger,
  ]);
});

test.each([
  ['the first of them', [usual, key]],
  ['one from the middle', [fast, primary]],
  ['two of one tablespace', [usual, key, index]],
])('what is there is not made again: %s', (_, present) => {
  const there = present.filter((each) => !each.startsWith('SET'));
  const missing = afterTheRows(table, present.join('\n\n')).own;
  expect(missing).toHaveLength(4 - there.length);
  for (const each of there) expect(missing.filter((one) => one.endsWith(each))).toEqual([]);
});
