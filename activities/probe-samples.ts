import { createHash } from 'node:crypto';
import { openPostgres } from '../adapters/postgres';
import { PostgresError } from '../adapters/postgres-error';
import { withTransaction } from '../adapters/postgres-transaction';
import { safeMessage } from '../adapters/secret-text';
import type { Probe } from '../contract/evidence';
import type { Environment } from './environment';

/** The value for `{sample}` in a probe's path, or why there is none. The value is a row's: it never leaves the worker. */
export type ProbeSample = { value: string } | { because: string };

/**
 * Selects what the probes' paths need, read-only, by probe name; probes without `sample` are not in it. A database that
 * can't be asked is an answer too: the probe is then unknown.
 */
export async function drawProbeSamples(
  { postgresUrl, application }: Environment,
  probes: readonly Probe[],
  signal: AbortSignal,
): Promise<Map<string, ProbeSample>> {
  const samples = new Map<string, ProbeSample>();
  const wanted = probes.filter(({ sample }) => sample !== undefined);
  if (wanted.length === 0) return samples;
  const hash = createHash('sha256').update(application.probeKey, 'utf8').digest('hex');
  const postgres = openPostgres({ url: postgresUrl, applicationName: 'rubicon probe', statementTimeoutMs: 10_000 });
  try {
    await postgres.withClient(async (client) => {
      for (const { name, sample: sql = '' } of wanted) {
        const parameters = /\$1(?!\d)/.test(sql) ? [hash] : [];
        const select = () => client.query(sql, parameters);
        samples.set(name, await withTransaction(client, { readOnly: true }, select).then(firstValue, because(signal)));
      }
    }, signal);
  } catch (error) {
    const unknown = because(signal)(error);
    for (const { name } of wanted) if (!samples.has(name)) samples.set(name, unknown);
  } finally {
    await postgres.close();
  }
  return samples;
}

function firstValue({ rows }: { rows: Record<string, unknown>[] }): ProbeSample {
  const value = Object.values(rows[0] ?? {})[0];
  if (value === undefined || value === null) return { because: 'its sample selects no row' };
  return { value: value instanceof Date ? value.toISOString() : String(value as string | number) };
}

const because =
  (signal: AbortSignal) =>
  (error: unknown): ProbeSample => {
    signal.throwIfAborted();
    if (!(error instanceof PostgresError)) throw error;
    return { because: `its sample can't be selected: ${safeMessage(error)}` };
  };
