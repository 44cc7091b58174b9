import type { GateActivities } from '../../contract/activities/gate-activities';
import { slackReminder } from '../../report/slack/slack-reminder';
import type { GateDeps } from './open-gate';

/** Reminds those who have not voted. No new code: that would make the first one worthless. */
export function createRemind({ people, messenger }: Pick<GateDeps, 'people' | 'messenger'>): GateActivities['remind'] {
  return async ({ gate, persons, missing }) => {
    const hour = new Date().toISOString().slice(0, 13);
    for (const person of people.filter(({ name }) => persons.includes(name))) {
      await messenger.send(person, `remind-${gate.challenge}-${person.name}-${hour}`, slackReminder({ gate, missing }));
    }
  };
}
