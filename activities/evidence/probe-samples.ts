import { createHash } from 'node:crypto';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import type { Probe } from '../../contract/plan/evidence';
import { isFailure } from '../../contract/run/failures';
import { withSession } from '../environment/database';
import type { Session } from '../environment/session';
import { asPlan, type PlanSelect } from '../statements/as-plan';
import { knownPlan, type PlanPart } from '../statements/known-plan';

/**
 * The value for `{sample}` in a probe's path, or why there is none. It is a row's: it never leaves the worker.
 */
export type ProbeSample = { value: string } | { because: string };

/** All probes of a plan, and the plan that they are of. */
export type ProbesOf = Required<Pick<PlanPart, 'planDigest' | 'probes'>>;

/**
 * Selects what the paths of these probes need, read-only, by probe name; probes without `sample` are not in it. A database
 * that can't be asked is an answer too: the probe is then unknown.
 *
 * @throws `InvalidInput` for a select that may not run, or that is not of a plan that this worker knows
 */
export async function drawProbeSamples(
  session: Omit<Session, 'client'>,
  { planDigest, probes }: ProbesOf,
  called: readonly Probe[],
): Promise<Map<string, ProbeSample>> {
  const { environment } = session;
  const samples = new Map<string, ProbeSample>();
  const wanted = called.filter(({ sample }) => sample !== undefined).map(({ name }) => name);
  if (wanted.length === 0) return samples;
  const plan = await knownPlan(environment, { planDigest, probes });
  const hash = createHash('sha256').update(environment.application.probeKey, 'utf8').digest('hex');
  try {
    await withSession(session, 'probe', async ({ client }) => {
      for (const name of wanted) {
        const index = plan.probes.findIndex((probe) => probe.name === name);
        samples.set(name, await draw(client, { plan, of: 'sample', index }, hash).catch(unlessLost));
      }
    });
  } catch (error) {
    const unknown = unlessLost(error);
    for (const name of wanted) if (!samples.has(name)) samples.set(name, unknown);
  }
  return samples;
}

async function draw(client: PostgresClient, select: PlanSelect, hash: string): Promise<ProbeSample> {
  const { rows } = await asPlan(client, select, ({ sql, hasParameter }) =>
    client.query(sql, hasParameter ? [hash] : []),
  );
  const [value = null] = Object.values(rows[0] ?? {});
  return value === null ? { because: 'its sample selects no row' } : { value: textOf(value) };
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));

function unlessLost(error: unknown): ProbeSample {
  if (isFailure(error, 'WrongState')) return { because: `its sample can't be selected: ${(error as Error).message}` };
  if (!(error instanceof PostgresError)) throw error;
  return { because: `its sample can't be selected: ${error.message}` };
}
