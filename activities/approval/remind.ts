import type { GateActivities } from '../../contract/activities/gate-activities';
import { slackReminder } from '../../report/slack/slack-reminder';
import { codeKey } from '../../contract/run/decisions';
import { runLink } from '../../report/temporal-ui/run-link';
import type { GateDeps } from './open-gate';

/** Reminds those who have not voted. No new code: that would make the first one worthless. */
export function createRemind({
  people,
  messenger,
  temporalUi,
}: Pick<GateDeps, 'people' | 'messenger' | 'temporalUi'>): GateActivities['remind'] {
  return async ({ gate, persons, missing }) => {
    const { workflowId, firstRun } = gate;
    const link = temporalUi === undefined ? undefined : runLink(temporalUi, { workflowId, runId: firstRun });
    const hour = new Date().toISOString().slice(0, 13);
    for (const person of people.filter(({ name }) => persons.includes(name))) {
      const keys = {
        under: codeKey(gate.challenge, person.name),
        key: `remind-${gate.challenge}-${person.name}-${hour}`,
      };
      await messenger.reply(person, keys, slackReminder({ gate, missing, link }));
    }
  };
}
