import { notNullNames } from '../../sql/not-null-names';

// Names of NOT NULL constraints (since PostgreSQL 18), of a table that was made again.

const relation = 'public.events_2023';
const table = { schema: 'public', table: 'events_2023' };

/** As a snapshot of the catalogue says it. */
const notNull = (name: string, column: string, { isOwn = true } = {}) => ({
  objects: {
    [`table constraint ${name} on ${relation}`]: {
      ...{ contype: 'n', conname: name, conrelid: relation, definition: `NOT NULL ${column}` },
      ...(isOwn ? { conislocal: true } : { coninhcount: 1 }),
    },
  },
});

test.each([
  ['of its own', true],
  ['of a partition, which the server notes as from above', false],
])('a name %s comes back', (_, isOwn) => {
  const captured = notNull('events_2023_id_not_null', 'id', { isOwn });
  const present = notNull('events_2023_id_not_null1', 'id');
  expect(notNullNames(table, relation, { captured, present }).map(({ sql }) => sql)).toEqual([
    'alter table public.events_2023 rename constraint events_2023_id_not_null1 to events_2023_id_not_null',
  ]);
});

test('a name that is as it was, and a rule that was not there, are left alone', () => {
  const captured = notNull('events_2023_id_not_null', 'id', { isOwn: false });
  expect(notNullNames(table, relation, { captured, present: notNull('events_2023_id_not_null', 'id') })).toEqual([]);
  expect(notNullNames(table, relation, { captured, present: notNull('other', 'said') })).toEqual([]);
});
