import { differencesOf, withoutTold } from './compare';

const table = 'Other Schema.order lines';
const check = `CHECK CONSTRAINT ${table} ends later`;
const before = new Map([
  [
    `TABLE ${table}`,
    'CREATE TABLE "Other Schema"."order lines" (\n    id integer,\n    CONSTRAINT "ends later" CHECK (x > 1)\n);',
  ],
]);
const after = new Map([
  [`TABLE ${table}`, 'CREATE TABLE "Other Schema"."order lines" (\n    id integer\n);'],
  [check, 'ALTER TABLE "Other Schema"."order lines"\n    ADD CONSTRAINT "ends later" CHECK (x > 1) NOT VALID;'],
]);

test('a CHECK that comes back as NOT VALID is none where the way back has told so, whatever spaces its names have', () => {
  const told = ['constraint ends later of order lines'];
  expect(differencesOf(withoutTold(before, after, told), after)).toEqual([]);
});

test('a name that is written in quotes is told in quotes', () => {
  const named = (looks: Map<string, string>) =>
    new Map([...looks].map(([what, is]) => [what.replace('ends later', 'ends%s'), is.replace('ends later', 'ends%s')]));
  const expected = withoutTold(named(before), named(after), ['constraint "ends%s" of order lines']);
  expect(differencesOf(expected, named(after))).toEqual([]);
});

test('nobody told: it is a difference', () => {
  expect(differencesOf(withoutTold(before, after, []), after).map(({ what }) => what)).toEqual([
    `TABLE ${table}`,
    check,
  ]);
});

test('another one was told: it is a difference', () => {
  const told = ['constraint begins later of order lines'];
  expect(differencesOf(withoutTold(before, after, told), after)).toHaveLength(2);
});
