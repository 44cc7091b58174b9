import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { GateActivities } from '../../contract/activities/gate-activities';
import { codeKey, missingByRole, type Gate } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import type { RequestState } from '../../contract/run/request-state';
import { digestOf } from '../../contract/text/digest';
import { slackGate } from '../../report/slack/slack-gate';
import type { Standing } from '../../report/slack/slack-standing';
import { findChallenge } from '../../sql/state';
import { codesOf } from '../decisions/approval-code';
import { openedGate } from '../decisions/opened-gate';
import { bindTo, validVotes, votersOf, type BoundElectorate } from '../decisions/voters';
import { systemIdentifierOf, withDatabase } from '../environment/database';
import { withHeartbeat } from '../environment/heartbeat';
import { readRow } from '../state/observe-state';
import { knownPlan } from '../statements/known-plan';
import type { GateDeps } from './open-gate';

/**
 * Shows in each person's own message what has become of a request. Guards against a code that stays on a screen when it is worth nothing
 * any more, and against people who never hear how it ended. What is shown as a fact is looked at here: the gate as it was noted, the
 * evidence by its digest, votes by their codes, the state row. The rest is told as what the run says. A second run shows the same again.
 *
 * @throws `NotDecided` for a gate that this run has not opened, or other evidence than was shown
 */
export function createShowRequest(deps: GateDeps): GateActivities['showRequest'] {
  return ({ gate: asked, evidence, state }) =>
    withHeartbeat(async () => {
      const environment = deps.environment(asked.target);
      const plan = await knownPlan(environment, { planDigest: asked.planDigest });
      const { gate, electorate, standing } = await withDatabase(environment, 'request', async (client) => {
        const gate = await requireNoted(client, asked, digestOf(evidence));
        const electorate = bindTo(deps, await systemIdentifierOf(client));
        return { gate, electorate, standing: await standingOf(client, electorate, { gate, state }) };
      });
      const later: unknown[] = [];
      const notReached: Awaited<ReturnType<GateActivities['showRequest']>> = [];
      for (const person of votersOf(deps, gate)) {
        const mine: Standing = { ...standing, hasVoted: standing.by.includes(person.name) };
        const isUndecided = !mine.isOver && !mine.hasVoted;
        if (isUndecided && gate.purpose === 'receive') continue; // its code is in a sealed file alone
        const codes = isUndecided && codesOf(electorate, gate, person.name);
        const message = slackGate({
          gate,
          evidence,
          plan,
          ...codes,
          standing: mine,
          hasButtons: deps.hasButtons === true,
        });
        try {
          const because = await deps.messenger.update(person, codeKey(gate.challenge, person.name), message);
          if (because !== undefined) notReached.push({ person: person.name, because });
        } catch (error) {
          later.push(error); // the others are told now
        }
      }
      if (later.length > 0) throw later[0] instanceof Error ? later[0] : new Error(String(later[0]));
      return notReached;
    });
}

async function requireNoted(client: PostgresClient, asked: Gate, evidenceDigest: string): Promise<Gate> {
  const noted = await openedGate(client, asked, asked.challenge);
  if (noted?.gate.evidenceDigest === evidenceDigest) return noted.gate;
  throw permanent(
    'NotDecided',
    `expected a request of ${asked.workflowId} with the evidence that people were shown, found ${noted === undefined ? 'none' : 'other evidence'}; their messages stay as they are`,
  );
}

async function standingOf(
  client: PostgresClient,
  electorate: BoundElectorate,
  { gate, state }: { gate: Gate; state: RequestState },
): Promise<Omit<Standing, 'hasVoted'>> {
  const votes = validVotes(electorate, gate, state.votes);
  const { rows: used } = await client.query(findChallenge, [gate.challenge]);
  const record = gate.name === 'production' ? (await readRow(client, gate))?.state : undefined;
  return {
    by: votes.map(({ person }) => person),
    missing: missingByRole(gate.needs, votes),
    isOver: state.isOver || used.length > 0 || Date.parse(gate.expiresAt) <= Date.now(),
    ...((record === 'dropped' || record === 'aborted') && { record }),
    said: state.said.slice(0, 5),
  };
}
