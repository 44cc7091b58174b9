import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import { dropStatements } from '../../sql/drop';
import { hideStatements } from '../../sql/hide';
import { readRevision, revisionBack } from '../../sql/revision';
import { printStatements } from '../../sql/statement';
import { openSampleDatabase, samplePlan, type SampleDatabase } from '../support/stages/sample-database';

test('the drop of the first plan reads like this', () => {
  expect(printStatements(dropStatements(samplePlan))).toBe(`\
-- The revision first: if it is wrong, nothing else runs and no table is locked
update public.alembic_version set version_num = '20260208_000007' where version_num = '20260201_000006'; -- exactly 1 row

-- Ends the freeze
drop trigger if exists rubicon_freeze_insert_owner_api_key on public.assistants;

-- Ends the freeze
drop trigger if exists rubicon_freeze_update_owner_api_key on public.assistants;

-- Ends the freeze
drop trigger if exists rubicon_freeze_insert_owner_api_key on public.sessions;

-- Ends the freeze
drop trigger if exists rubicon_freeze_update_owner_api_key on public.sessions;

-- Removes rubicon_hidden_owner_api_key and every index that names it from public.assistants
alter table public.assistants drop column rubicon_hidden_owner_api_key;

-- Removes rubicon_hidden_owner_api_key and every index that names it from public.sessions
alter table public.sessions drop column rubicon_hidden_owner_api_key;
`);
});

test('tables are locked in one order, each once, whatever the order of the plan is', () => {
  const removes = ['b.two', 'a.one', 'z.b.one', 'b.one'].map((column) => ({ column, replacedBy: 'hash' }));
  const altered = dropStatements({ removes }).filter(({ sql }) => sql.startsWith('alter'));
  expect(altered.map(({ sql }) => sql)).toEqual([
    'alter table public.a drop column rubicon_hidden_one',
    'alter table public.b drop column rubicon_hidden_one, drop column rubicon_hidden_two',
    'alter table z.b drop column rubicon_hidden_one',
  ]);
});

describe('on a real database', () => {
  let database: SampleDatabase;
  beforeEach(async () => {
    database = await openSampleDatabase('rubicon drop');
    await database.postgres.withClient((client) => runStatements(client, hideStatements(samplePlan)));
  });
  afterEach(() => database.close());

  const drop = () =>
    database.postgres.withClient((client) =>
      withTransaction(client, { lockTimeoutMs: 200 }, () => runStatements(client, dropStatements(samplePlan))),
    );
  const remains = async () => {
    const columns = await database.query(
      `select table_name || '.' || column_name as name from information_schema.columns
        where column_name like '%owner_api_key' order by 1`,
    );
    const revisions = await database.query(readRevision(samplePlan.revision));
    return {
      columns: columns.map(({ name }) => name as string),
      revisions: revisions.map((row) => row.revision as string),
    };
  };
  const untouched = {
    columns: ['assistants.rubicon_hidden_owner_api_key', 'sessions.rubicon_hidden_owner_api_key'],
    revisions: ['20260201_000006'],
  };

  test('columns, their indexes and the revision change together', async () => {
    await drop();
    await expect(remains()).resolves.toEqual({ columns: [], revisions: ['20260208_000007'] });
    await expect(database.query(`select to_regclass('idx_sessions_owner_api_key') as found`)).resolves.toEqual([
      { found: null },
    ]);
  });

  test('a second run changes nothing and says why', async () => {
    await drop();
    await expect(drop()).rejects.toThrow('expected 1 changed rows, found 0: update public.alembic_version');
  });

  test('another revision than the approved one ends it before any lock is taken', async () => {
    await database.query(`update alembic_version set version_num = '20260301_000009'`);
    await expect(drop()).rejects.toMatchObject({ reaction: 'abort' });
    await expect(remains()).resolves.toEqual({ ...untouched, revisions: ['20260301_000009'] });
  });

  test('something that leans on the last column leaves all of it undone', async () => {
    await database.query('create view owners as select upper(rubicon_hidden_owner_api_key) as owner from sessions');
    await expect(drop()).rejects.toMatchObject({ sqlstate: '2BP01', reaction: 'hold' });
    await expect(remains()).resolves.toEqual(untouched);
  });

  test('the way back of the revision is as exact', async () => {
    const back = [revisionBack(samplePlan.revision)];
    const run = () => database.postgres.withClient((client) => runStatements(client, back));
    await expect(run()).rejects.toThrow('expected 1 changed rows, found 0');
    await drop();
    await run();
    await expect(remains()).resolves.toMatchObject({ revisions: ['20260201_000006'] });
  });
});
