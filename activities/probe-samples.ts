import { createHash } from 'node:crypto';
import type { PostgresClient } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { withTransaction } from '../adapters/postgres-transaction';
import type { Probe } from '../contract/evidence';
import { withDatabase } from './database';
import type { Environment } from './environment';

/**
 * The value for `{sample}` in a probe's path, or why there is none. It is a row's: it never leaves the worker.
 */
export type ProbeSample = { value: string } | { because: string };

/**
 * Selects what the probes' paths need, read-only, by probe name; probes without `sample` are not in it. A database that
 * can't be asked is an answer too: the probe is then unknown.
 */
export async function drawProbeSamples(
  environment: Environment,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<Map<string, ProbeSample>> {
  const samples = new Map<string, ProbeSample>();
  const wanted = probes.filter(({ sample }) => sample !== undefined);
  if (wanted.length === 0) return samples;
  const hash = createHash('sha256').update(environment.application.probeKey, 'utf8').digest('hex');
  const drawAll = async (client: PostgresClient): Promise<void> => {
    for (const { name, sample = '' } of wanted) samples.set(name, await draw(client, sample, hash).catch(unlessLost));
  };
  try {
    await withDatabase(environment, 'probe', drawAll, signal);
  } catch (error) {
    const unknown = unlessLost(error);
    for (const { name } of wanted) if (!samples.has(name)) samples.set(name, unknown);
  }
  return samples;
}

async function draw(client: PostgresClient, sql: string, hash: string): Promise<ProbeSample> {
  const parameters = /\$1(?!\d)/.test(sql) ? [hash] : [];
  const { rows } = await withTransaction(client, { readOnly: true, statementTimeoutMs: 10_000 }, () =>
    client.query(sql, parameters),
  );
  const [value = null] = Object.values(rows[0] ?? {});
  return value === null ? { because: 'its sample selects no row' } : { value: textOf(value) };
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));

function unlessLost(error: unknown): ProbeSample {
  if (!(error instanceof PostgresError)) throw error;
  return { because: `its sample can't be selected: ${error.message}` };
}
