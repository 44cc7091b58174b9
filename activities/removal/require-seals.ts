import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Seal } from '../../contract/run/seal';
import { permanent } from '../../contract/run/failures';
import { selectReceiptsOf, type ReceiptRow } from '../../sql/receipts';
import { findCopies } from '../backup/copy-folder';
import { readProof, receiptOfProof } from '../backup/backup-folder';
import { decidesAlone, type Environment } from '../environment/environment';
import type { SealKeys } from '../environment/seal-keys';
import { isSealed, isSealOf } from '../seals/sealed';
import type { DropOrder } from './kinds/kind';

/**
 * That proof, final copy and trial of this run are sealed by production's own key, as they stand there now. Guards against whoever may
 * write where backups or state rows are, and not sign. Without keys in the settings nothing is asked for.
 *
 * @throws `WrongState` with what is not sealed
 */
export async function requireSeals(
  { client, environment }: { client: PostgresClient; environment: Environment },
  order: DropOrder,
): Promise<void> {
  const { seals } = environment;
  if (seals === undefined || decidesAlone(environment)) return;
  const of = { client, environment, order, seals };
  const lacking = [
    order.backup !== undefined && !(await isProofSealed(of, order.backup)) && 'the proof of the backup',
    order.copy !== undefined && !(await isCopySealed(of, order.copy)) && 'the final copy',
    !(await isTrialSealed(of)) && 'the trial',
  ].filter((lack) => lack !== false);
  if (lacking.length === 0) return;
  throw permanent(
    'WrongState',
    `expected seals of production's own key on what the drop stands on, found none that is right on ${lacking.join(', ')}; nothing was changed; answer "abort", find out who has changed it, start again`,
  );
}

interface Of {
  client: PostgresClient;
  environment: Environment;
  order: DropOrder;
  seals: SealKeys;
}

async function isProofSealed(of: Of, backup: string): Promise<boolean> {
  const proof = await readProof(of.environment, backup);
  return proof !== undefined && isResultSealed(of, 'proveBackup', receiptOfProof(proof));
}

async function isCopySealed(of: Of, copy: string): Promise<boolean> {
  const found = (await findCopies(of.environment, of.order.run)).find(({ receipt }) => receipt.id === copy);
  return found !== undefined && isResultSealed(of, 'finalCopy', found.receipt);
}

async function isResultSealed(of: Of, step: string, result: unknown): Promise<boolean> {
  const { seals: keys, order } = of;
  return (await sealsOf(of, step)).some((seal) => isSealed(keys, 'production', { run: order.run, step, result, seal }));
}

/** Watched since it was hidden last, and all of it healthy. */
async function isTrialSealed(of: Of): Promise<boolean> {
  const hidden = (await sealsOf(of, 'hide')).at(-1);
  if (hidden === undefined) return false;
  const since = (await sealsOf(of, 'watch')).filter(({ number }) => number > hidden.number);
  const last = since.at(-1);
  const { run } = of.order;
  const isOurs = (step: string) => (seal: Seal) => isSealOf(of.seals.public, 'production', { run, step, seal });
  if (last === undefined || !since.every(isOurs('watch')) || !isOurs('hide')(hidden)) return false;
  const [before, now] = [hidden.watched ?? { samples: 0, healthy: 0 }, last.watched ?? { samples: 0, healthy: 0 }];
  const samples = now.samples - before.samples;
  return samples > 0 && samples === now.healthy - before.healthy;
}

const sealsOf = async ({ client, order: { run } }: Of, step: string): Promise<Seal[]> =>
  (await client.query<ReceiptRow<Seal>>(selectReceiptsOf, [run.workflowId, run.firstRun, step])).rows.map(
    ({ seal }) => seal,
  );
