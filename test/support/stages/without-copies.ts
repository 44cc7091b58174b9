import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Environment } from '../../../activities/environment/environment';
import { decrypt, identityText, makeAgeKeys } from '../../../adapters/encryption/age';
import type { Electorate } from '../../../activities/decisions/voters';
import type { RestoreInput, SealedKeys } from '../../../contract/activities/effect-inputs';
import { distributionFile } from '../../../activities/backup/new-keys-folder';
import { decide } from './decided';
import { rollbackVerbsOf } from './dropped';
import type { Prepared } from './ready-to-drop';
import { electorate, newRun, type SampleEnvironment } from './sample-environment';

/** Carla receives new keys. Her identity is hers: no settings have it. */
export interface Custodian {
  who: Electorate;
  recipient: string;
  /** What is in a file that was sealed for her. */
  open(file: string): Promise<string>;
  close(): void;
}

export async function newCustodian(): Promise<Custodian> {
  const keys = await makeAgeKeys();
  const folder = mkdtempSync(path.join(tmpdir(), 'rubicon-test-custodian-'));
  const identityFile = path.join(folder, 'carla.txt');
  writeFileSync(identityFile, identityText(keys));
  const carla = { name: 'carla', roles: ['custodian'], slackId: 'U05', recipient: keys.recipient };
  return {
    recipient: keys.recipient,
    who: { ...electorate, people: [...electorate.people, carla] },
    open: async (file) => {
      const parts: Buffer[] = [];
      const whole = readFileSync(file);
      for await (const chunk of decrypt(
        (async function* () {
          yield whole;
        })(),
        identityFile,
      ))
        parts.push(chunk);
      return Buffer.concat(parts).toString();
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** Neither backup nor final copy nor identity any more. Returns how they come back. */
export function loseCopies({ backupFolder }: Environment): () => void {
  const away = `${backupFolder}.lost`;
  renameSync(backupFolder, away);
  return () => {
    rmSync(backupFolder, { recursive: true, force: true });
    renameSync(away, backupFolder);
  };
}

/** An accepted loss, without copy and backup. */
export async function approveNewKeys(
  { environment }: Pick<SampleEnvironment, 'environment'>,
  { run: rollout, plan, planDigest }: Prepared,
  { who }: Custodian,
): Promise<RestoreInput> {
  const run = newRun('rollback', rollout.target);
  const asked = { name: 'rollback', purpose: 'accept-loss' as const, needs: { approver: 2 } };
  const { decision } = await decide(environment, { run, plan, planDigest }, asked, who);
  return { run, rollout, plan, planDigest, decision };
}

/** Carla opens her file, and sends its code. */
export async function openDistribution(
  stage: SampleEnvironment,
  input: RestoreInput,
  sealed: SealedKeys,
  custodian: Custodian,
): Promise<{ input: RestoreInput; codeMessage: string }> {
  const { run, plan, planDigest, rollout } = input;
  const asked = { purpose: 'receive' as const, needs: { custodian: 1 }, voters: [], newKeys: { ...sealed, rollout } };
  const { gate } = await decide(
    stage.environment,
    { run, plan, planDigest },
    { name: 'hand-out', ...asked },
    custodian.who,
  );
  const codeMessage = await custodian.open(distributionFile(stage.environment, sealed.id, 'carla'));
  const code = /"code":"([^"]+)"/.exec(codeMessage)?.[1] ?? '';
  const votes = [{ person: 'carla', roles: [], code, at: gate.openedAt }];
  return { input: { ...input, newKeys: { ...sealed, opened: { gate, votes } } }, codeMessage };
}

export const renewing = (stage: SampleEnvironment, { who }: Custodian) => rollbackVerbsOf(stage, { electorate: who });
