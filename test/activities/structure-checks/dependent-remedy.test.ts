import { checkDependents } from '../../../activities/structure-checks/check-dependents';
import { checkRecoverable } from '../../../activities/structure-checks/check-recoverable';
import { captureColumn } from '../../../adapters/catalogue/catalogue';
import { checkTable } from '../../../activities/structure-checks/kinds/check-table';
import { openPostgres, type PostgresClient } from '../../../adapters/postgres/postgres';
import { obstacles, type Finding } from '../../../contract/run/findings';
import { columnsOf, removalsOfKind } from '../../../contract/plan/removals';
import { quoteLiteral } from '../../../sql/identifier';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
beforeAll(async () => (database = await createDatabase()));

interface Case {
  /** On top of `"Odd s"."Odd t" (id int primary key, "a b" text, other text)`, which is also called `t`. */
  sql: string;
  check: string;
  statements: string[];
  /** Objects that are no more there; the server's words. */
  gone?: string[];
  words?: RegExp;
  /** What says the same once it is gone. */
  alsoGone?: string[];
}

const t = '"Odd s"."Odd t"';
const triggerFunction = `create function f() returns trigger language plpgsql as 'begin return new; end'`;

const columns: [string, Case][] = [
  [
    'a view, used by others and by a function of the server’s parsing',
    {
      sql: `create view "Odd s"."v w" as select "a b" from t; create materialized view m as select * from "Odd s"."v w";
            create index on m ("a b"); create function g() returns bigint begin atomic select count(*) from m; end`,
      check: 'view "Odd s"."v w"',
      statements: ['drop function public.g()', 'drop materialized view public.m', 'drop view "Odd s"."v w"'],
      gone: ['function public.g()', 'index public."m_a b_idx"', 'materialized view public.m', 'view "Odd s"."v w"'],
      words: /function public\.g\(\), materialized view public\.m use it/,
    },
  ],
  [
    'a rule',
    {
      sql: 'create rule "a ""r" as on update to t where new."a b" is null do also nothing',
      check: `rule "a ""r" on ${t}`,
      statements: [`drop rule "a ""r" on ${t}`],
      gone: [`rule "a ""r" on ${t}`],
    },
  ],
  [
    'a trigger of the column',
    {
      sql: `${triggerFunction}; create trigger "select" before update of "a b" on t for each row execute function f()`,
      check: `trigger "select" on ${t}`,
      statements: [`drop trigger "select" on ${t}`],
      gone: [`trigger "select" on ${t}`],
    },
  ],
  [
    'a trigger with the column in its arguments',
    {
      sql: `alter table t add words tsvector; create trigger g before insert on t for each row execute function tsvector_update_trigger('words', 'pg_catalog.simple', 'a b')`,
      check: `trigger g on ${t}`,
      statements: [`drop trigger g on ${t}`],
      gone: [`trigger g on ${t}`],
    },
  ],
  [
    'a policy that lets someone through',
    {
      sql: 'create policy p on t using ("a b" is null)',
      check: `policy p on ${t}`,
      statements: [`drop policy p on ${t}`],
      gone: [`policy p on ${t}`],
    },
  ],
  [
    'a policy that restricts',
    {
      sql: 'create policy p on t as restrictive using ("a b" is null) with check ("a b" is null)',
      check: `policy p on ${t}`,
      statements: [`alter policy p on ${t} using (false) with check (false)`],
      words: /more people would get through/,
    },
  ],
  [
    'a generated column',
    {
      sql: 'alter table t add column g int not null generated always as (coalesce(length("a b"), 0)) stored; create view of_g as select g from t',
      check: `generated column for ${t}.g`,
      statements: [`alter table ${t} alter column g drop expression, alter column g drop not null`],
      gone: [`default value for ${t}.g`],
    },
  ],
  [
    'its default',
    {
      sql: `alter table t alter "a b" set default 'none'`,
      check: `default value for ${t}."a b"`,
      statements: [`alter table ${t} alter column "a b" drop default`],
      gone: [`default value for ${t}."a b"`],
    },
  ],
  [
    'NOT NULL',
    {
      sql: 'alter table t alter "a b" set not null',
      check: `not null ${t}."a b"`,
      statements: [`alter table ${t} alter column "a b" drop not null`],
    },
  ],
  [
    'NOT NULL of a primary key that others point at',
    {
      sql: 'alter table t drop constraint "Odd t_pkey"; alter table t add constraint pk primary key ("a b"); create table child (x text constraint fk references t)',
      check: `not null ${t}."a b"`,
      statements: [
        'alter table public.child drop constraint fk',
        `alter table ${t} drop constraint pk`,
        `alter table ${t} alter column "a b" drop not null`,
      ],
      gone: ['table constraint fk on public.child', `table constraint pk on ${t}`, 'index "Odd s".pk'],
      alsoGone: ['table constraint fk on public.child'],
    },
  ],
  [
    'NOT NULL of the replica identity',
    {
      sql: 'alter table t alter "a b" set not null; create unique index i on t ("a b"); alter table t replica identity using index i',
      check: `not null ${t}."a b"`,
      statements: [`alter table ${t} replica identity default`, `alter table ${t} alter column "a b" drop not null`],
    },
  ],
  [
    'a foreign key of a partitioned table',
    {
      sql: 'alter table t add constraint u unique ("a b"); create table child (x text constraint fk references t ("a b")) partition by list (x); create table child1 partition of child default',
      check: 'table constraint fk on public.child',
      statements: ['alter table public.child drop constraint fk'],
      gone: ['table constraint fk on public.child', 'table constraint fk on public.child1'],
      alsoGone: ['table constraint fk on public.child1'],
    },
  ],
  [
    'a function that the server parsed, and that a default and an index use',
    {
      sql: `create function f(int default 1) returns int immutable begin atomic select count("a b")::int from t; end;
            create table users (n int default f(2), m int check (m > f())); create index on users ((f(n)))`,
      check: 'function public.f(integer)',
      statements: [
        'drop index public.users_f_idx',
        'alter table public.users alter column n drop default',
        'alter table public.users drop constraint users_m_check',
        'drop function public.f(integer)',
      ],
    },
  ],
  [
    'a function that a trigger runs',
    {
      sql: `create function f() returns trigger language plpgsql as 'begin new."a b" := null; return new; end';
            create trigger g before update on t for each row execute function f()`,
      check: 'function public.f()',
      statements: [`drop trigger g on ${t}`, 'drop function public.f()'],
      gone: ['function public.f()', `trigger g on ${t}`],
    },
  ],
  [
    'a child table',
    {
      sql: 'create table "C" () inherits ( t)',
      check: 'child table public."C"',
      statements: [`alter table public."C" no inherit ${t}`],
    },
  ],
  [
    'a security label',
    {
      sql: `insert into pg_seclabel values ('t'::regclass, 'pg_class'::regclass, 2, 'Some "one', 'secret')`,
      check: 'security label Some "one',
      statements: [`security label for "Some ""one" on column ${t}."a b" is null`],
    },
  ],
];

const tables: [string, Case][] = [
  [
    'a column of its row type',
    {
      sql: 'create table keeps (id int, was t); create view of_it as select was from keeps',
      check: 'table column public.keeps.was',
      statements: ['drop view public.of_it', 'alter table public.keeps alter column was type text using was::text'],
      gone: ['view public.of_it'],
      alsoGone: ['view column public.of_it.was'],
    },
  ],
  [
    'a domain over its row type',
    {
      sql: 'create domain d as t',
      check: 'type public.d',
      statements: ['drop domain public.d'],
    },
  ],
  [
    'a cast and an operator over its row type',
    {
      sql: `create function f( t) returns int language sql immutable as 'select 1'; create cast ( t as int) with function f( t);
            create operator public.!!! (rightarg = t, function = f)`,
      check: `function public.f(${t})`,
      statements: [
        `drop cast (${t} AS integer)`,
        `drop operator public.!!!(NONE,${t})`,
        `drop function public.f(${t})`,
      ],
      alsoGone: [`cast (${t} AS integer)`, `operator public.!!!(NONE,${t})`],
    },
  ],
  [
    'an attribute of a type, which values have',
    {
      sql: 'create type ty as (x int, was t)',
      check: 'composite type column public.ty.was',
      statements: [],
      words: /^that is beyond this plan: no statement takes it away without what others need/,
    },
  ],
  [
    'the default of another table, by its sequence',
    {
      sql: `create sequence "Odd s".s owned by "Odd s"."Odd t".id; create table other (id int default nextval('"Odd s".s'))`,
      check: 'default value for public.other.id',
      statements: ['alter sequence "Odd s".s owned by none'],
    },
  ],
  [
    'a foreign key of another table',
    {
      sql: 'create table child (x int constraint fk references t)',
      check: 'table constraint fk on public.child',
      statements: ['alter table public.child drop constraint fk'],
      gone: ['table constraint fk on public.child'],
    },
  ],
  [
    'its own foreign key, by which it would be written',
    {
      sql: 'create table up (id int primary key); alter table t add constraint fk foreign key (id) references up on delete cascade',
      check: `foreign key fk of ${t}`,
      statements: [`alter table ${t} drop constraint fk`],
      gone: [`table constraint fk on ${t}`],
    },
  ],
  [
    'the policy of another table',
    {
      sql: 'create table other (x int); create policy p on other using (exists (select from t))',
      check: 'policy p on public.other',
      statements: ['drop policy p on public.other'],
      gone: ['policy p on public.other'],
    },
  ],
  [
    'a parent and a child',
    {
      sql: 'create table up (id int not null); create table child () inherits ( t); alter table t inherit up',
      check: 'parent table public.up',
      statements: [`alter table ${t} no inherit public.up`],
    },
  ],
];

const ordinary: [string, Case][] = [
  [
    'a domain over a domain, with a collation',
    {
      sql: `create domain d1 as varchar(9) collate "C"; create domain d2 as d1 check (value <> ''); alter table t drop column "a b", add column "a b" d2 collate "POSIX"`,
      check: 'rollback of Odd s.Odd t.a b',
      statements: [`alter table ${t} alter column "a b" type character varying(9) collate pg_catalog."POSIX"`],
      words: /what the domain forbids is allowed from then on/,
    },
  ],
  [
    'a domain with extended statistics, which are made again and belong to whoever changes the type',
    {
      sql: `create domain d as text; alter table t drop column "a b", add column "a b" d; create statistics s on "a b", other from t;
            create role other_owner_of_statistics; grant create on schema public to other_owner_of_statistics; alter statistics s owner to other_owner_of_statistics`,
      check: 'rollback of Odd s.Odd t.a b',
      statements: [
        `alter table ${t} alter column "a b" type text`,
        'alter statistics public.s owner to other_owner_of_statistics',
      ],
    },
  ],
  [
    'an identity column',
    {
      sql: 'alter table t drop column "a b", add column "a b" bigint generated always as identity',
      check: 'rollback of Odd s.Odd t.a b',
      statements: [`alter table ${t} alter column "a b" drop identity, alter column "a b" drop not null`],
      alsoGone: ['sequence "Odd s"."Odd t_a b_seq"'],
    },
  ],
  [
    'a sequence of its own',
    {
      sql: 'alter table t drop column "a b", add column "a b" bigserial',
      check: 'sequence "Odd s"."Odd t_a b_seq"',
      statements: [
        `alter table ${t} alter column "a b" drop default`,
        'alter sequence "Odd s"."Odd t_a b_seq" owned by none',
      ],
      alsoGone: [`default value for ${t}."a b"`],
    },
  ],
  [
    'a generated column',
    {
      sql: 'alter table t drop column "a b", add column "a b" text generated always as (other) stored',
      check: 'rollback of Odd s.Odd t.a b',
      statements: [`alter table ${t} alter column "a b" drop expression`],
    },
  ],
  [
    'an exclusion constraint',
    {
      sql: 'alter table t add constraint "X" exclude using btree ("a b" with =)',
      check: 'constraint X',
      statements: [`alter table ${t} drop constraint "X"`],
    },
  ],
];

const start = `create schema "Odd s"; create table "Odd s"."Odd t" (id int primary key, "a b" text, other text);
  set local search_path = public, "Odd s"; `;

const [column] = columnsOf({ removes: [{ column: '"Odd s"."Odd t"."a b"', primaryKey: ['id'] }] });
const [table] = removalsOfKind({ removes: [{ table: '"Odd s"."Odd t"', primaryKey: ['id'] }] }, 'table');

describe.each<[string, [string, Case][], (client: PostgresClient) => Promise<Finding[]>]>([
  ['column', columns, (client) => checkDependents(client, column!, { grants: [] })],
  ['column that is to come back', ordinary, (client) => checkStructureOf(client)],
  ['table', tables, (client) => checkTable(client, table!, [table!])],
])('what leans on a %s is removed by what its finding says, and nothing else is', (_, cases, find) => {
  test.each(cases)('%s', async (_name, { sql, check, statements, gone = [], words, alsoGone = [] }) => {
    await inTransaction(async (client) => {
      await runAll(
        client,
        start + sql.replaceAll(/(?<=\s)t(?=[\s,;)]|$)/g, '"Odd t"').replaceAll("'t'::", `'"Odd t"'::`),
      );
      const before = { found: obstacles(await find(client)), objects: await objectsOf(client) };
      const stop = before.found.find((each) => each.check === check);
      expect(before.found.map((each) => each.check)).toContain(check);
      if (words) expect(stop?.remedy).toMatch(words);
      expect(stop?.remedySql ?? []).toEqual(statements);
      if (statements.length === 0) return;
      expect(stop?.remedy).toContain(`"${statements.join('; ')}"`);
      if (sql.includes('pg_seclabel')) return; // nobody who provides them is here
      for (const each of statements) await client.query(each);
      const after = obstacles(await find(client)).map((each) => each.check);
      expect(
        before.found
          .map((each) => each.check)
          .filter((each) => !after.includes(each))
          .sort(),
      ).toEqual([check, ...alsoGone].sort());
      expect(after.filter((each) => !before.found.some((one) => one.check === each))).toEqual([]);
      const objects = await objectsOf(client);
      const lost = before.objects.filter((each) => !objects.includes(each));
      if (gone.length > 0) expect(lost).toEqual([...gone].sort());
    });
  });
});

async function inTransaction(work: (client: PostgresClient) => Promise<void>): Promise<void> {
  const postgres = openPostgres({ url: database.url, applicationName: 'remedies' });
  await postgres.withClient(async (client) => {
    await client.query('begin');
    await client.query('set local allow_system_table_mods = on');
    try {
      await work(client);
    } finally {
      await client.query('rollback');
    }
  });
}

/** By its key, so that its type does not matter. */
async function checkStructureOf(client: PostgresClient): Promise<Finding[]> {
  const capture = await captureColumn(client, column!, 'a b');
  return [
    ...(await checkDependents(client, column!, { grants: [] })),
    ...(capture ? await checkRecoverable(client, { removal: column!, capture }, ['a b']) : []),
  ];
}

/** Several in one. */
const runAll = (client: PostgresClient, sql: string) =>
  client.query(`do $do$ begin execute ${quoteLiteral(sql)}; end $do$`);

/** What was made here, without what a view or a table consists of. */
async function objectsOf(client: PostgresClient): Promise<string[]> {
  const { rows } = await client.query<{ object: string }>(
    `select distinct o.type || ' ' || o.identity as object from pg_depend d, pg_identify_object(d.classid, d.objid, 0) o
      where d.objid >= 16384 and o.identity !~ '^pg_toast|^"?(_RETURN|RI_Constraint)' and o.type not in ('type', 'composite type', 'toast table')`,
  );
  return rows.map(({ object }) => object).sort();
}
