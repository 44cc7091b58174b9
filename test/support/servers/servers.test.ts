import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { Client as Postgres } from 'pg';
import { createDatabase, createNamespace, workflowBundle } from './servers';

test('two databases on two servers know nothing of each other', async () => {
  const staging = await createDatabase();
  const production = await createDatabase({ on: 'production' });
  const identity = 'select system_identifier::text as id from pg_control_system()';
  const [one, other] = await Promise.all([staging.query(identity), production.query(identity)]);
  expect(one).not.toEqual(other);
});

test('a template is filled once, and its copies are independent', async () => {
  let fills = 0;
  const template = {
    name: 'servers_test',
    fill: async (url: string) => {
      fills++;
      const client = new Postgres({ connectionString: url });
      await client.connect();
      await client.query('create table animals as select $1::text as name', ['cat']);
      await client.end();
    },
  };
  const [one, other] = await Promise.all([createDatabase({ template }), createDatabase({ template })]);
  await one.query(`update animals set name = 'dog'`);
  expect(await other.query('select name from animals')).toEqual([{ name: 'cat' }]);
  expect(fills).toBe(1);
});

test('a template whose filling failed is not used', async () => {
  const fail = () => Promise.reject(new Error('no rows today'));
  await expect(createDatabase({ template: { name: 'servers_test_failing', fill: fail } })).rejects.toThrow(
    'no rows today',
  );
  const again = await createDatabase({ template: { name: 'servers_test_failing', fill: () => Promise.resolve() } });
  await again.drop();
});

test('a dropped database ends its connections', async () => {
  const database = await createDatabase();
  const client = new Postgres({ connectionString: database.url });
  const ended = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await ended;
});

test('a namespace takes workflows with the search attributes of rollouts at once', async () => {
  const { address, namespace } = await createNamespace();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const plan = defineSearchAttributeKey('RolloutPlan', SearchAttributeType.KEYWORD);
  const typedSearchAttributes = new TypedSearchAttributes([{ key: plan, value: 'drop-it' }]);
  await client.workflow.start('rollout', { taskQueue: 'nobody', workflowId: 'a', typedSearchAttributes });
  expect((await client.workflow.getHandle('a').describe()).typedSearchAttributes.get(plan)).toBe('drop-it');
  await connection.close();
});

test('the workflow bundle is built once for all who ask', async () => {
  const [one, other] = await Promise.all([workflowBundle(), workflowBundle()]);
  expect(one).toEqual(other);
  expect(readFileSync(one.codePath, 'utf8')).toContain('rollout');
});
