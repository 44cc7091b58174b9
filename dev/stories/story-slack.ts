import type { Facts } from '../../contract/run/facts';
import type { Stage, Story } from './story';

/** A Slack that is down delays nothing but the gate. */
export const slackStory: Story = {
  shows: 'Slack is down while staging is changed; the rollout continues and reports it later',
  title: 'shows an outage: Slack is down while staging is changed',
  ends: 'done',
  leaves: { staging: 'no columns', production: 'no columns' },
  interfere,
  lesson: [
    'No step waits for Slack except the gate, which cannot ask anyone without it.',
    'Each message is there once, including those sent while it was down.',
  ],
};

function interfere(): (stage: Stage, facts: Facts) => Promise<void> {
  let is: 'up' | 'down' | 'up again' = 'up';
  return async ({ stack, tell }, { phase, soak }) => {
    if (is === 'up' && phase === 'staging') {
      is = 'down';
      await stack.slack.faults.down();
      tell('Slack is down');
    }
    if (is === 'down' && soak !== undefined) {
      is = 'up again';
      await stack.slack.faults.up();
      tell('Slack is up again');
    }
  };
}
