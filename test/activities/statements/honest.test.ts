import { withDatabase } from '../../../activities/environment/database';
import { asPlan } from '../../../activities/statements/as-plan';
import { openHostileStage, type HostileStage } from '../../support/stages/hostile-stage';
import { asKnown } from '../../support/inputs/known-plan';
import { honestSelects } from '../../support/inputs/plan-statements';
import { some } from '../../support/inputs/some';

let at: HostileStage;
let value: string;
beforeAll(async () => {
  at = await openHostileStage();
  const [row] = await at.stage.database.query<{ hash: string }>(
    `select s.owner_api_key_hash as hash from sessions s join assistants a using (owner_api_key_hash)
      where s.status = 'active' group by 1 order by count(*) desc, 1 limit 1`,
  );
  value = row!.hash;
});
afterAll(() => at.close());

/** Rows in any order, where the select says none. */
const inOrder = (rows: object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

test.each(some(honestSelects))('runs as it was meant: %s', async (what, text) => {
  const parameter = what === 'all of a table that stays' ? 'tokens' : value;
  const plan = await asKnown(at.stage.environment, at.planWith({ sql: text }));
  const rows = await withDatabase(at.stage.environment, 'test', (client) =>
    asPlan(client, { plan, of: 'query', index: 0 }, async ({ sql }) => {
      return (await client.query<object>(sql, [parameter])).rows;
    }),
  );
  // The same by the server's own reading of the text.
  await at.stage.database.query('drop operator if exists public.= (varchar, text)');
  const { rows: meant } = await withDatabase(at.stage.environment, 'test', (client) =>
    client.query<object>(text, [parameter]),
  );
  expect(inOrder(rows)).toEqual(inOrder(meant));
  expect(rows.length).toBeGreaterThan(0);
});

describe('with types of extensions', () => {
  let extended: HostileStage;
  beforeAll(async () => {
    extended = await openHostileStage('extended', [
      'create extension citext',
      'create table members (login citext primary key, nick text)',
      `insert into members values ('Anna', 'a')`,
    ]);
  });
  afterAll(() => extended.close());

  const run = async (sql: string) => {
    const { environment } = extended.stage;
    const plan = await asKnown(environment, extended.planWith({ sql }));
    return withDatabase(environment, 'test', (client) =>
      asPlan(client, { plan, of: 'query', index: 0 }, async (statement) => {
        return (await client.query<object>(statement.sql, ['ANNA'])).rows;
      }),
    );
  };

  test('their own comparison is meant; one that somebody has made beside it is refused', async () => {
    const before = await extended.seen();
    await expect(run('select nick from members where login = $1')).rejects.toMatchObject({
      type: 'WrongState',
      message: expect.stringContaining('found =(character varying,text) beside those of an extension'),
    });
    expect(await extended.seen()).toEqual(before);
    await extended.stage.database.query('drop operator = (varchar, text)');
    await expect(run('select nick from members where login = $1')).resolves.toEqual([{ nick: 'a' }]);
  });
});
