import type { PostgresClient } from '../adapters/postgres';
import { missingApprovals } from '../contract/decisions';
import type { OpenGate, Purpose, Run, Vote } from '../contract/decisions';
import { permanent } from '../contract/failures';
import { useChallenge } from '../sql/state';
import { systemIdentifierOf } from './database';
import { policyDigestOf, validVotes } from './voters';
import type { Electorate } from './voters';

/** What an effect in production is allowed by, and what it must be for. */
export interface DecisionsToVerify {
  run: Run;
  planDigest: string;
  name: string;
  purpose: Purpose;
  /** From the state row or the effect's own knowledge, never from the gate. */
  requesters: string[];
  /** From the effect's own settings and the plan. */
  needs: Record<string, number>;
  gate: OpenGate | undefined;
  votes: Vote[] | undefined;
}

/**
 * Verifies a decision where it takes effect, and uses its challenge up in the same transaction. Workflow state is a
 * hint: whoever may signal, reset or complete activities of a workflow still has no codes.
 *
 * @throws `NotDecided` with everything that is wrong
 */
export async function requireDecisions(
  client: PostgresClient,
  electorate: Electorate,
  asked: DecisionsToVerify,
): Promise<void> {
  const { run, gate, votes = [], needs, requesters } = asked;
  if (gate === undefined) throw notDecided(['no gate was opened']);
  const own = { policyDigest: policyDigestOf(electorate), systemIdentifier: await systemIdentifierOf(client) };
  const { rows } = await client.query<{ late: boolean }>('select clock_timestamp() >= $1::timestamptz as late', [
    gate.expiresAt,
  ]);
  const valid = validVotes(electorate, { ...gate, requesters, needs }, own, votes);
  const missing = missingApprovals(needs, valid);
  const faults = [
    (gate.target !== run.target || gate.workflowId !== run.workflowId || gate.firstRun !== run.firstRun) &&
      'the gate is of another run',
    (gate.name !== asked.name || gate.purpose !== asked.purpose) && `the gate is for "${gate.name}" (${gate.purpose})`,
    gate.planDigest !== asked.planDigest && 'the gate is for another plan',
    rows[0]?.late !== false && `it has expired at ${gate.expiresAt}`,
    missing.length > 0 && `valid approvals are missing: ${missing.join(', ')}`,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw notDecided(faults);
  const used = await client.query(useChallenge, [gate.challenge]);
  if (used.rowCount !== 1) throw notDecided(['its challenge was used before']);
}

const notDecided = (faults: string[]): Error =>
  permanent(
    'NotDecided',
    `expected a valid decision for this effect, found: ${faults.join('; ')}; nothing was changed`,
  );
