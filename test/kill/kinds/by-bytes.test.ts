import { rm } from 'node:fs/promises';
import path from 'node:path';
import { frozenState } from '../../../sql/freeze';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { extendedKind, type PlanKind } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';

// A value is found again by the bytes of its key, and comes back byte by byte, whatever its type and its length.

let at: KindStage;
const open = async (kind: PlanKind): Promise<void> => {
  at = await openKindStage(kind);
};
afterEach(() => at.stage.close());

const ci = `create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`;

const members = extendedKind(
  {
    removes: [
      { column: 'members.nick', primaryKey: ['login'] },
      ...['place', 'base', 'home'].map((column) => ({ column: `members.${column}`, primaryKey: ['login'] })),
      { column: 'rates.note', primaryKey: ['rate', 'code'] },
    ],
  },
  [
    'create extension citext',
    ci,
    'create type place as (name citext, size numeric)',
    'create table members (login citext primary key, nick text collate ci, place place, base place not null default row($$d$$, null)::place, home regclass default $$sessions$$)',
    `insert into members (login, nick, place) select 'user' || n, 'Nick ' || n % 20, row('P' || n, n % 3 || '.0')::place from generate_series(1, 60) n`,
    `insert into members (login, nick, place) values ('half', null, row('only a name', null)), ('none', null, row(null, null)), ('empty', null, null)`,
    'create table rates (rate numeric, code char(6), note citext[], primary key (rate, code))',
    `insert into rates select n / 2.0, 'c' || n % 2, array['N' || n, null] from generate_series(1, 60) n`,
  ],
);

/** By the names of its columns, whose order changes. */
const rows = (table: string) =>
  at.query<{ row: string }>(
    `select md5(to_jsonb(t)::text) as row, length(to_jsonb(t)::text) as size from ${table} t order by 1`,
  );

test('keys that their type compares in another way: what the copy would not survive is refused, the rest comes back', async () => {
  await open(members);
  await at.backUp();
  const before = { members: await rows('members'), rates: await rows('rates') };
  await takeOutOfUse(at.stage, at.prepared);
  for (const sql of [
    `update members set login = 'User7' where login = 'user7'`,
    `update rates set rate = 1.0 where rate = 1 and code = 'c0'`,
    `update members set rubicon_hidden_nick = upper(rubicon_hidden_nick)`,
  ])
    await expect(at.query(sql)).rejects.toMatchObject({ code: frozenState });
  await dropNow(at.stage, at.prepared);
  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 } });
  await at.takeBack();
  expect({ members: await rows('members'), rates: await rows('rates') }).toEqual(before);
});

/** Longer than any index takes, hardly compressible, and one that is. */
const long = (n: string): string => `(select string_agg(md5(${n} || g::text), '') from generate_series(1, 300) g)`;

const texts = extendedKind(
  {
    removes: [{ column: 'texts.body', replacedBy: 'copied' }],
    proof: 'replacement = removed',
  },
  [
    ci,
    'create table texts (id int primary key, body text collate ci, copied text collate ci, note text)',
    `insert into texts select n, b, b, 'n' from (select n, ${long('n::text')} as b from generate_series(1, 5) n) as made`,
    `insert into texts values (6, repeat('x', 1000000), repeat('x', 1000000)), (7, 'Aa', 'Aa'), (8, 'aA', 'aA'), (9, '', '')`,
    `insert into texts select n, 'often', 'often' from generate_series(10, 300) n`,
    'insert into texts values (301, null, null)',
    'analyze texts',
  ],
);

test('a value of any length goes and comes back, from the copy and from the backup alone', async () => {
  await open(texts);
  await at.backUp();
  const before = await rows('texts');
  await dropNow(at.stage, at.prepared);
  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 300, values: 10 } });
  await rm(path.join(at.stage.environment.backupFolder, 'copies'), { recursive: true });
  await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 0 }, restorable: { rows: 300, values: 10 } });
  await at.takeBack();
  expect(await rows('texts')).toEqual(before);
});
