import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PostgresError } from '../../adapters/postgres/postgres-error';
import { digestOf } from '../../contract/text/digest';
import { permanent } from '../../contract/run/failures';
import type { Plan } from '../../contract/plan/plan';
import { selectDroppedPlans } from '../../sql/dropped';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { findPlan, planNames } from './find-plan';

declare const known: unique symbol;

/**
 * A plan that this worker knows by itself. `knownPlan` alone makes one, and statements of plans are run of such alone: text
 * of another origin does not compile.
 */
export type KnownPlan = Plan & { readonly [known]: true };

/** What an activity is given of a plan, and the digest of the whole of it. */
export interface PlanPart extends Partial<Plan> {
  planDigest: string;
}

/**
 * The plan of this digest as this worker knows it by itself, of which what the activity was given is a part. Guards against
 * whoever may start activities: they can send any statement, and any plan with its digest, but they can't put a plan into
 * the folders of this worker. One that was found there is kept beside the backups, since a rollout goes on with its own when
 * the file is edited, or read by a newer Rubicon; one that was dropped stands in the database.
 *
 * @throws `InvalidInput` for a plan that this worker does not know, or a part that is not the plan's; nothing was run then
 */
export async function knownPlan(environment: Environment, { planDigest, ...part }: PlanPart): Promise<KnownPlan> {
  const digest = typeof planDigest === 'string' && /^[0-9a-f]{64}$/.test(planDigest) ? planDigest : '';
  const plan = digest === '' ? undefined : await find(environment, digest);
  if (plan === undefined)
    throw permanent(
      'InvalidInput',
      `expected the digest of a plan that this worker knows, found ${digest.slice(0, 12) || 'none'}; nothing was run; put the plan as it was at the start of the rollout into the folders of this worker (plans in its settings)`,
    );
  for (const [section, given] of Object.entries(part))
    if (given !== undefined && digestOf(given) !== digestOf(plan[section as keyof Plan] ?? null))
      throw permanent(
        'InvalidInput',
        `expected "${section}" of plan ${plan.name} (${digest.slice(0, 12)}), found another one; nothing was run; start the rollout again`,
      );
  return plan as KnownPlan;
}

const find = async (environment: Environment, digest: string): Promise<Plan | undefined> =>
  (await keptPlan(environment, digest)) ??
  (await planInFolders(environment, digest)) ??
  (await droppedPlan(environment, digest));

async function planInFolders(environment: Environment, digest: string): Promise<Plan | undefined> {
  const { plans = [] } = environment;
  for (const name of await planNames(plans)) {
    const found = await findPlan(plans, name);
    if (!('plan' in found) || digestOf(found.plan) !== digest) continue;
    await keepPlan(environment, found.plan);
    return found.plan;
  }
  return undefined;
}

/** As in the case of a rollback for which nothing else is left. */
async function droppedPlan(environment: Environment, digest: string): Promise<Plan | undefined> {
  try {
    return await withDatabase(environment, 'plan', async (client) => {
      const { rows } = await client.query<{ plan: Plan }>(selectDroppedPlans);
      return rows.map(({ plan }) => plan).find((plan) => digestOf(plan) === digest);
    });
  } catch (error) {
    if (error instanceof PostgresError) return undefined; // no schema of ours, no right to it, no server: not known
    throw error;
  }
}

/** Whole at every moment, and by as many writers as there are. */
export async function keepPlan(environment: Pick<Environment, 'backupFolder'>, plan: Plan): Promise<string> {
  const digest = digestOf(plan);
  const file = fileOf(environment, digest);
  const partial = `${file}.${randomUUID()}`;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(partial, `${JSON.stringify(plan)}\n`, { flag: 'wx', mode: 0o600 });
  await rename(partial, file);
  return digest;
}

async function keptPlan(environment: Environment, digest: string): Promise<Plan | undefined> {
  // One that can't be read is as good as none.
  const plan = await readFile(fileOf(environment, digest), 'utf8')
    .then((text) => JSON.parse(text) as Plan)
    .catch(() => undefined);
  return plan !== undefined && digestOf(plan) === digest ? plan : undefined;
}

const fileOf = ({ backupFolder }: Pick<Environment, 'backupFolder'>, digest: string): string =>
  path.join(backupFolder, 'plans', `${digest}.json`);
