import { finished } from 'node:stream/promises';
import { runStatements } from '../../adapters/postgres/statements';
import type { Plan } from '../../contract/plan/plan';
import { createKnownTable, loadKnown, takeKnownLookups, takeKnownValues } from '../../sql/saved-values/new-keys';
import type { Session } from '../environment/session';

/**
 * The settings' probe key is known to the worker, so its owner keeps it when all others get a new one: probes go on, and
 * settings stay as they are.
 */

/** To the session's `rubicon_keys`. */
export const addKnownValue = (session: Omit<Session, 'signal'>, plan: Plan): Promise<void> =>
  add(session, takeKnownValues(plan.proof ?? ''));

/** Its hash alone, to the session's `rubicon_hashes`. */
export const addKnownLookup = (session: Omit<Session, 'signal'>, plan: Plan): Promise<void> =>
  add(session, takeKnownLookups(plan.proof ?? ''));

/** By a copy: values of statements may be logged. */
async function add({ client, environment }: Omit<Session, 'signal'>, take: string | undefined): Promise<void> {
  if (take === undefined) return; // of this plan no hash can be computed
  await runStatements(client, [createKnownTable]);
  const into = client.copyFrom(loadKnown);
  into.end(`${escaped(environment.application.probeKey)}\n`);
  await finished(into);
  await client.query(take);
  await client.query('drop table rubicon_known');
}

/** As the text format of COPY wants it. */
const escaped = (value: string): string =>
  value.replace(/[\\\n\r\t]/g, (sign) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[sign] ?? sign);
