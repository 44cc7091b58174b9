import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failPointVariable, type ArmedFailPoint, type FailPoint } from '../../../adapters/programs/fail-point';
import type { StepOrder } from './fault-steps';
import { isStopped } from '../servers/processes';
import { until } from '../looks/until';

/** How a step ended that ran in a process of its own. */
export interface StepEnd {
  /** `SIGKILL`, or the exit code. */
  by: NodeJS.Signals | number;
  pid: number;
  /** What it failed with. */
  error?: string;
  type?: string;
}

/** A process that runs one step and fails at one point of it. */
export interface FailingStep {
  pid: number;
  /** Until it stands at its point, or is dead there. */
  reached(): Promise<void>;
  /** A frozen or waiting one goes on. */
  goOn(): void;
  ended: Promise<StepEnd>;
  /** Ends it, whatever it does. */
  stop(): void;
}

const limitMs = 60_000;

/** Starts the step at once; it lives no longer than its limit. */
export function startFailingStep(order: StepOrder, point: FailPoint, fault: ArmedFailPoint['fault']): FailingStep {
  const folder = mkdtempSync(path.join(tmpdir(), 'rubicon-failing-step-'));
  const [armed, mark] = [path.join(folder, 'armed.json'), path.join(folder, 'mark')];
  writeFileSync(armed, JSON.stringify({ point, fault, mark } satisfies ArmedFailPoint));
  const child = spawn(process.execPath, ['-r', 'tsx/cjs', path.join(__dirname, 'step-alone.ts')], {
    cwd: path.join(__dirname, '../../..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], [failPointVariable]: armed },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  const tooLong = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let [wasReached, hasEnded] = [false, false];
  const ended = endOf(child).finally(() => {
    clearTimeout(tooLong);
    wasReached = existsSync(mark);
    hasEnded = true;
    rmSync(folder, { recursive: true, force: true });
  });
  child.stdin.on('error', () => undefined).end(JSON.stringify(order));
  const stands = () => fault !== 'kill' && existsSync(mark) && (fault !== 'freeze' || isStopped(pid));
  return {
    pid,
    ended,
    reached: async () => {
      await until(() => hasEnded || stands(), limitMs);
      if (!hasEnded || wasReached) return;
      throw new Error(`expected to reach "${point}", found that the step ended: ${JSON.stringify(await ended)}`);
    },
    goOn: () => {
      rmSync(mark, { force: true });
      child.kill('SIGCONT');
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

function endOf(child: ChildProcess): Promise<StepEnd> {
  let [said, complaints] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      const [by, pid] = [signal ?? code ?? -1, child.pid ?? 0];
      if (by === 0) return resolve({ by, pid, ...(JSON.parse(said) as object) });
      resolve({ by, pid, ...(complaints !== '' && { error: complaints }) });
    });
  });
}
