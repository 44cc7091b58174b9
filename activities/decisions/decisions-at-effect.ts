import type { PostgresClient } from '../../adapters/postgres/postgres';
import { missingApprovals } from '../../contract/run/decisions';
import type { Granted, Purpose, Run } from '../../contract/run/decisions';
import { permanent } from '../../contract/run/failures';
import { readableInstant } from '../../contract/text/instant';
import { findChallenge, useChallenge } from '../../sql/state';
import { systemIdentifierOf } from '../environment/database';
import { openedGate, type OpenedGate } from './opened-gate';
import { bindTo, validVotes } from './voters';
import type { Electorate } from './voters';

/** What an effect in production is allowed by, and what it must be for. */
export interface DecisionsToVerify {
  run: Run;
  planDigest: string;
  /** Of the gate. */
  name: string;
  purpose: Purpose;
  /** From the effect's own settings and the plan. */
  needs: Record<string, number>;
  /** As the workflow hands it over; undefined = no gate was opened, so nothing is allowed. */
  decision: Granted | undefined;
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
  await requireStandingDecisions(client, electorate, asked);
  const used = await client.query(useChallenge, [asked.decision?.gate.challenge]);
  if (used.rowCount !== 1) throw notDecided(['its challenge was used before']);
}

/**
 * The same for an effect that can be undone: the decision stands, and goes on standing.
 *
 * @throws `NotDecided` with everything that is wrong
 */
export async function requireStandingDecisions(
  client: PostgresClient,
  electorate: Electorate,
  asked: DecisionsToVerify,
): Promise<void> {
  const { gate, isEarly, notBefore, faults, isUsed } = await judge(client, electorate, asked);
  if (await isLate(client, gate.expiresAt)) faults.push(`it has expired at ${gate.expiresAt}`);
  if (isUsed) faults.push('its challenge was used before');
  if (faults.length > 0) throw notDecided(faults);
  if (isEarly) throw tooEarly(notBefore ?? '');
}

/**
 * The same for an effect that follows the one which has used the challenge: that was in time, so this one is.
 *
 * @throws `NotDecided` with everything that is wrong
 */
export async function requireUsedDecisions(
  client: PostgresClient,
  electorate: Electorate,
  asked: DecisionsToVerify,
): Promise<void> {
  const { faults, isUsed } = await judge(client, electorate, asked);
  if (!isUsed) faults.push('the step before has not used its challenge');
  if (faults.length > 0) throw notDecided(faults);
}

/**
 * The gate as this worker has opened it, and what is wrong with its votes. Of what the workflow hands over only the challenge and the
 * codes are asked.
 *
 * @throws `NotDecided` where no such gate was opened
 */
async function judge(
  client: PostgresClient,
  electorate: Electorate,
  asked: DecisionsToVerify,
): Promise<OpenedGate & { faults: string[]; isUsed: boolean }> {
  const { run, decision } = asked;
  if (decision === undefined) throw notDecided(['no gate was opened']);
  const opened = await openedGate(client, run, decision.gate.challenge);
  if (opened === undefined) throw notDecided(['the gate is of another run, or no worker of production has opened it']);
  const { rows } = await client.query(findChallenge, [opened.gate.challenge]);
  const faults = await faultsOf(client, electorate, { ...asked, ...opened, votes: decision.votes });
  return { ...opened, faults, isUsed: rows.length > 0 };
}

async function faultsOf(
  client: PostgresClient,
  electorate: Electorate,
  asked: DecisionsToVerify & OpenedGate & Pick<Granted, 'votes'>,
): Promise<string[]> {
  const { run, needs, gate, votes } = asked;
  const bound = bindTo(electorate, await systemIdentifierOf(client));
  const missing = missingApprovals(needs, validVotes(bound, { ...gate, needs }, votes));
  return [
    gate.target !== run.target && 'the gate is of another target',
    (gate.name !== asked.name || gate.purpose !== asked.purpose) && `the gate is for "${gate.name}" (${gate.purpose})`,
    gate.planDigest !== asked.planDigest && 'the gate is for another plan',
    missing.length > 0 && `valid approvals are missing: ${missing.join(', ')}`,
  ].filter((fault) => fault !== false);
}

/** By the clock of the database, which no workflow can set. */
export async function isLate(client: PostgresClient, expiresAt: string): Promise<boolean> {
  if (Number.isNaN(Date.parse(expiresAt))) return true;
  const sql = 'select clock_timestamp() >= $1::timestamptz as late';
  const { rows } = await client.query<{ late: boolean }>(sql, [new Date(expiresAt).toISOString()]);
  return rows[0]?.late !== false;
}

const tooEarly = (notBefore: string): Error =>
  permanent(
    'WrongState',
    `expected this change not before ${readableInstant(notBefore)}, as its order says, found that it is earlier; nothing was changed; answer "retry" then, or "abort"`,
  );

const notDecided = (faults: string[]): Error =>
  permanent(
    'NotDecided',
    `expected a valid decision for this effect, found: ${faults.join('; ')}; nothing was changed; ` +
      'answer "abort" and start again: these approvals stay worth nothing',
  );
