import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Stage, Story } from './story';

/** Longer than `longTransaction` of the demo's plan. */
const longEnoughMs = 2_500;

/** Three obstacles, in both environments, all found before anything is touched. */
export const preflightStory: Story = {
  shows: 'preflight finds three obstacles and touches nothing',
  title: 'shows a refusal: three obstacles are planted, and preflight has to find them all',
  ends: 'stopped',
  leaves: { staging: 'columns', production: 'columns' },
  prepare: plant,
  lesson: [
    'All obstacles are reported at once, each with what was expected, what was found and what to do.',
    'Nothing was changed: no maintenance, no backup, no message to an approver.',
  ],
};

async function plant({ stack, tell }: Stage): Promise<() => Promise<void>> {
  const { staging, production } = stack.environments;
  const reader = new Client({ connectionString: production.postgresUrl, application_name: 'nightly export' });
  reader.on('error', () => undefined); // the server may end first
  await reader.connect();
  await reader.query('begin');
  await reader.query('select count(*) from sessions');
  tell('planted in production: a transaction that stays open (nightly export)');

  const { data } = production;
  await run(production.postgresUrl, 'update sessions set owner_api_key_hash = null where id = $1', data.otherSessionId);
  tell('planted in production: a session with a key and no hash, which would become public');

  await run(staging.postgresUrl, 'create view key_usage as select owner_api_key, count(*) from sessions group by 1');
  tell('planted in staging: a view that reads the column');
  await sleep(longEnoughMs);
  return () => reader.end();
}

async function run(url: string, sql: string, ...values: unknown[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}
