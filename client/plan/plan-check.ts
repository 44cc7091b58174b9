import { digestOf } from '../../contract/text/digest';
import { counted } from '../../contract/text/plain-text';
import type { Cli } from '../terminal/word';
import { exitCodes } from '../terminal/exit-codes';
import type { WordOptions } from '../terminal/options';
import { readPlan } from './read-plan';

/** Says everything that is wrong with a plan at once; a usable one has its digest. */
export async function checkPlan(cli: Cli, given: string, output: WordOptions['output']): Promise<void> {
  const read = await readPlan(given);
  const faults = 'faults' in read ? read.faults : [];
  const digest = 'plan' in read ? { digest: digestOf(read.plan) } : {};
  if (output === 'json') cli.terminal.out(JSON.stringify({ file: read.file, ...digest, faults }, null, 2));
  else for (const { place, message } of faults) cli.terminal.out(`${place}: ${message}`);
  if ('plan' in read && output === 'text') cli.terminal.out(`${read.file}: usable, digest ${digestOf(read.plan)}`);
  if (faults.length > 0 && output === 'text') cli.terminal.note(`${counted(faults.length, 'fault')} in ${read.file}`);
  cli.exitCode = faults.length > 0 ? exitCodes.failed : exitCodes.done;
}
