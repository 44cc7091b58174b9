import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds of CPU: of this process, of the programs that it started, and of a server's sessions. */
export interface CpuTime {
  own: number;
  tools: number;
  server: number;
}

/** Linux counts in hundredths of a second, whatever the processor does. */
const ticksPerSecond = 100;

/**
 * What was used so far, by all processes that have ended; undefined where there is no `/proc`. Unlike time by the clock it hardly
 * depends on what else the machine does.
 *
 * @param dataFolder of a server of this machine
 */
export function cpuTime(dataFolder: string): CpuTime | undefined {
  try {
    const postmaster = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0] ?? '';
    const self = process.resourceUsage();
    return {
      own: (self.userCPUTime + self.systemCPUTime) / 1_000_000,
      tools: childrenOf('self'),
      server: childrenOf(postmaster),
    };
  } catch {
    return undefined;
  }
}

/** CPU of all three between two moments; NaN where it is not known. */
export const cpuBetween = (before: CpuTime | undefined, after: CpuTime | undefined): number =>
  before === undefined || after === undefined
    ? NaN
    : after.own - before.own + after.tools - before.tools + after.server - before.server;

/** Of the children that have ended, and theirs. The name in parentheses may hold blanks. */
function childrenOf(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}
