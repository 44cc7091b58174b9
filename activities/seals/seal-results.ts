import { activityInfo } from '@temporalio/activity';
import type { Temporal } from '../../adapters/temporal';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Receipt, Seal, Watched } from '../../contract/run/seal';
import type { WatchSummary } from '../../contract/run/samples';
import { insertReceipt, lockReceipts, selectLastReceipt, type ReceiptRow } from '../../sql/receipts';
import { withDatabase } from '../environment/database';
import type { Environment, FindEnvironment } from '../environment/environment';
import type { OfRun } from '../environment/run-folders';
import { sealOf, type Seen } from './sealed';

/** They are looks of a moment, or say nothing. */
const unsealed = new Set(['takesTasks', 'takeSample', 'observeState', 'noteHold', 'setMaintenance']);

/** The drop asks for their seals. Each finds what it has done before when it is run again. */
const asked = new Set(['proveBackup', 'finalCopy', 'hide', 'watch']);

type Activity = (input: { target?: string; run?: OfRun & { target: string } }) => Promise<unknown>;

/**
 * Lets each activity of an environment seal what it has seen or done, where the settings have a key for it. Guards against whoever could
 * answer in a worker's place, or change an answer on its way: people and the drop are told what is sealed. A result that can't be
 * entered into the chain counts as claimed; one that the drop asks for is answered once it can be.
 */
export function sealResults<T extends object>(
  activities: T,
  deps: { environment: FindEnvironment; temporal: Pick<Temporal, 'startEvent'> },
): T {
  const sealing = Object.entries(activities as Record<string, Activity>).map(([step, activity]) => {
    if (unsealed.has(step)) return [step, activity];
    const sealed: Activity = async (input) => {
      const result = await activity(input);
      const environment = deps.environment(input.run?.target ?? input.target ?? '');
      if (environment.seals === undefined || result === undefined) return result;
      const entering = enter(environment, deps.temporal, { step, result });
      const seal = asked.has(step) ? await entering : await entering.catch(() => undefined);
      return seal === undefined ? result : ({ result, seal } satisfies Receipt);
    };
    return [step, sealed];
  });
  return Object.fromEntries(sealing) as T;
}

async function enter(
  environment: Environment,
  temporal: Pick<Temporal, 'startEvent'>,
  { step, result }: { step: string; result: unknown },
): Promise<Seal | undefined> {
  const { seals } = environment;
  const run = await callingRun(temporal);
  if (seals === undefined || run === undefined) return undefined;
  const watched = step === 'watch' ? watchedBy((result as { summary: WatchSummary }).summary) : undefined;
  const seen: Seen = { run, step, result, ...(watched && { watched }) };
  const of = [run.workflowId, run.firstRun];
  return withDatabase(environment, 'receipt', (client) =>
    withTransaction(client, {}, async () => {
      await client.query(lockReceipts, of);
      const last = (await client.query<ReceiptRow<Seal>>(selectLastReceipt, of)).rows[0]?.seal;
      const seal = sealOf(seals, seen, last);
      await client.query(insertReceipt, [...of, seal.number, JSON.stringify(seal)]);
      return seal;
    }),
  );
}

const watchedBy = ({ samples, green }: WatchSummary): Watched => ({ samples, healthy: green });

/** For whoever has asked, whatever the input says: nobody continues the chain of another run. */
async function callingRun(temporal: Pick<Temporal, 'startEvent'>): Promise<OfRun | undefined> {
  const { workflowExecution } = activityInfo();
  if (workflowExecution === undefined) return undefined;
  const { workflowId, runId } = workflowExecution;
  const known = firstRuns.get(runId);
  const firstRun = known ?? (await temporal.startEvent({ workflowId, runId })).firstRun;
  if (firstRuns.size > 1_000) firstRuns.clear();
  firstRuns.set(runId, firstRun);
  return { workflowId, firstRun };
}

/** By run id: it never changes. */
const firstRuns = new Map<string, string>();
