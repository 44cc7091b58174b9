import type { GateActivities } from '../../contract/activities/gate-activities';
import { slackReminder } from '../../report/slack/slack-reminder';
import { codeKey } from '../../contract/run/decisions';
import { runLink } from '../../report/temporal-ui/run-link';
import { policyDigestOf } from '../decisions/voters';
import type { GateDeps } from './open-gate';

/** Reminds those who have not voted. No new code: that would make the first one worthless. Nobody is reminded of what is worthless already. */
export function createRemind(
  deps: Pick<GateDeps, 'people' | 'policy' | 'messenger' | 'temporalUi'>,
): GateActivities['remind'] {
  return async ({ gate, persons, missing }) => {
    if (policyDigestOf(deps) !== gate.policyDigest) return { superseded: true };
    const { workflowId, firstRun } = gate;
    const link = deps.temporalUi === undefined ? undefined : runLink(deps.temporalUi, { workflowId, runId: firstRun });
    const hour = new Date().toISOString().slice(0, 13);
    for (const person of deps.people.filter(({ name }) => persons.includes(name))) {
      const keys = {
        under: codeKey(gate.challenge, person.name),
        key: `remind-${gate.challenge}-${person.name}-${hour}`,
      };
      await deps.messenger.reply(person, keys, slackReminder({ gate, missing, link }));
    }
    return undefined;
  };
}
