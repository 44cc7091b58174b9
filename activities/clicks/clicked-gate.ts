import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Gate } from '../../contract/run/decisions';
import { buttonsFor, type ButtonAction } from '../../contract/run/slack-button';
import type { Click } from '../../contract/run/slack-click';
import { readableInstant } from '../../contract/text/instant';
import { findChallenge } from '../../sql/state';
import { codesOf } from '../decisions/approval-code';
import { isLate } from '../decisions/decisions-at-effect';
import { openedGate } from '../decisions/opened-gate';
import type { Person } from '../decisions/policy';
import { bindTo, votersOf } from '../decisions/voters';
import { systemIdentifierOf, withDatabase } from '../environment/database';
import type { ClickDeps, Refused } from './click-deps';

/** The request of a click, and the codes of the person who may answer it. */
export interface ClickedGate {
  gate: Gate;
  /** One vote. */
  code: string;
  /** Rejects, and is no vote: whoever reads it in Temporal can do nothing else with it. */
  rejection: string;
}

/**
 * The request as this worker has opened it, by the database of production. Guards against a button of another run, of a request that is
 * closed or has expired, and against someone whose vote does not count for it. Makes the codes, which leave the worker only inside the
 * signal.
 *
 * @throws PostgresError; `InvalidInput` for a target that the settings lack
 */
export async function clickedGate(deps: ClickDeps, click: Click, person: Person): Promise<ClickedGate | Refused> {
  const { of, action } = click;
  return withDatabase(deps.environment(of.target), 'click', async (client) => {
    const opened = await openedGate(client, of, of.challenge);
    if (opened === undefined || opened.gate.name !== of.gate || opened.gate.target !== of.target)
      return refuse('a request that a production worker has opened for this run', 'none');
    const { gate } = opened;
    const fault = faultOf(deps, gate, { person, action }) ?? (await closedBecause(client, gate));
    if (fault !== undefined) return fault;
    const own = bindTo(deps, await systemIdentifierOf(client));
    return { gate, ...codesOf(own, gate, person.name) };
  });
}

function faultOf(
  deps: Pick<ClickDeps, 'people'>,
  gate: Gate,
  { person, action }: { person: Person; action: ButtonAction },
): Refused | undefined {
  if (!hasButton(gate, action)) return refuse(`a button that a request for "${gate.purpose}" has`, `"${action}"`);
  if (votersOf(deps, gate).some(({ name }) => name === person.name)) return undefined;
  if (gate.requesters.includes(person.name))
    return refuse('someone else than who has asked for it, or has written the plan', person.name);
  return refuse(`someone with the role ${Object.keys(gate.needs).join(' or ')}`, person.name);
}

/** Which answers a question offers only its run knows, and refuses the others. */
const hasButton = ({ purpose }: Gate, action: ButtonAction): boolean =>
  (buttonsFor[purpose] as readonly ButtonAction[]).includes(action) ||
  (purpose === 'accept' && action.startsWith('answer-'));

async function closedBecause(client: PostgresClient, { challenge, expiresAt }: Gate): Promise<Refused | undefined> {
  const { rows } = await client.query(findChallenge, [challenge]);
  if (rows.length > 0) return refuse('a request that is open', 'one that is closed: see the run');
  if (!(await isLate(client, expiresAt))) return undefined;
  return refuse('a request that is open', `one that has expired at ${readableInstant(expiresAt)}`);
}

const refuse = (expected: string, found: string): Refused => ({ refused: `expected ${expected}, found ${found}` });
