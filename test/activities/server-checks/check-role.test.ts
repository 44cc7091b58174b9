import { openPostgres } from '../../../adapters/postgres/postgres';
import { checkRole } from '../../../activities/server-checks/check-role';
import type { Finding } from '../../../contract/run/findings';
import { createDatabase, type TestDatabase } from '../../support/servers/servers';

let database: TestDatabase;
let role: string;
beforeAll(async () => {
  database = await createDatabase();
  role = `worker_${database.name}`;
  await database.query(`create role ${role} login password 'planted'`);
});
afterAll(async () => {
  await database.query(`drop role ${role}`);
  await database.drop();
});

async function look(policy: 'warn' | 'block' = 'warn', url?: string): Promise<Finding> {
  const as = Object.assign(new URL(database.url), { username: role, password: 'planted' }).href;
  const postgres = openPostgres({ url: url ?? as, applicationName: 'rubicon test' });
  return postgres.withClient((client) => checkRole(client, policy)).finally(() => postgres.close());
}

test('an ordinary role passes', async () => {
  await expect(look('block')).resolves.toMatchObject({ status: 'passed', found: 'no such right' });
});

test('a superuser is told, or in the way, as the policy says', async () => {
  await expect(look('warn', database.url)).resolves.toMatchObject({
    status: 'not covered',
    found: 'postgres, a superuser',
    remedy: expect.stringContaining('--install-sql'),
  });
  await expect(look('block', database.url)).resolves.toMatchObject({ status: 'failed' });
});

test.each([
  ['postgres', 'a member of postgres, a superuser'],
  ['pg_execute_server_program', 'a member of pg_execute_server_program'],
  ['pg_read_server_files', 'a member of pg_read_server_files'],
])('so is a member of %s, by whatever detour', async (power, found) => {
  const detour = `detour_${database.name}`;
  await database.query(`create role ${detour} in role ${power}`);
  await database.query(`grant ${detour} to ${role}`);
  await expect(look('block')).resolves.toMatchObject({ status: 'failed', found });
  await database.query(`drop role ${detour}`);
});
