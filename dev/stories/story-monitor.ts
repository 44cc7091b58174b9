import { Client } from 'pg';
import type { Facts } from '../../contract/run/facts';
import { isSameStep } from '../../contract/run/step-names';
import type { Stage, Story } from './story';
import { hashOfKey } from '../sample-application/sample-key';
import { startTraffic, type Traffic } from '../sample-platform/traffic';

/** After the drop something goes wrong, and on-call takes it all back, with the loss stated and accepted. */
export const monitorStory: Story = {
  shows: 'after the drop the monitor turns red; on-call orders the rollback, which states its loss',
  title: 'shows a rollback after the drop: the monitor turns red, and on-call orders the rollback',
  ends: 'rolled-back',
  leaves: { staging: 'no columns', production: 'columns' },
  answer: 'rollback',
  interfere,
  lesson: [
    'A red monitor asks; it never rolls back by itself, since a rollback may lose data.',
    'The rollback stated what it loses (one client came after the backup), and needed the quorum to accept it.',
    'Columns, types, indexes and keys are back from the proven backup; rows without a key got an unusable one, so',
    'that the old release shows them to no one.',
  ],
};

/** What the new release alone knows: nobody has this key but its hash, and no backup holds it. */
const newcomer = 'sk-production-newcomer';

function interfere(): (stage: Stage, facts: Facts) => Promise<void> {
  let strangers: Traffic | undefined;
  let began = false;
  return async ({ stack, tell }, { steps, question }) => {
    const { platform, data, postgresUrl } = stack.environments.production;
    if (
      !began &&
      steps.some(({ id, state }) => isSameStep(id, { name: 'monitor', of: 'production' }) && state === 'running')
    ) {
      began = true;
      await addNewcomer(postgresUrl);
      tell('meanwhile in production: a new client, whose key was never stored in plain text');
      strangers = startTraffic({ frontUrl: platform.frontUrl, keys: data.keys.slice(2, 6), strangers: true });
      tell("meanwhile in production: someone tries to read other people's sessions");
    }
    if (strangers !== undefined && question !== undefined) {
      const ending = strangers;
      strangers = undefined;
      await ending.stop();
    }
  };
}

async function addNewcomer(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const sql = 'insert into sessions (title, owner_api_key_hash) values ($1, $2)';
    await client.query(sql, ['First session of a new client', hashOfKey(newcomer)]);
  } finally {
    await client.end();
  }
}
