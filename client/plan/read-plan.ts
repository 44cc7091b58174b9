import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Fault } from '../../contract/text/faults';
import type { Plan } from '../../contract/plan/plan';
import { readPlanFile } from '../../sql/statements/read-plan-file';
import { usageError } from '../terminal/cli-error';

/** A plan's file and what it says, or every fault of it. */
export type ReadPlan = { file: string } & ({ plan: Plan } | { faults: Fault[] });

/**
 * Reads a plan from its folder, its file, or by its name below `plans/` here.
 *
 * @throws CliError if there is no such file
 */
export async function readPlan(given: string): Promise<ReadPlan> {
  const file = await findFile(given);
  const shown = relative('', file);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`Expected a plan in ${shown}, found no way to read it: ${error.code}`);
  });
  return { file: shown, ...(await readPlanFile(basename(dirname(file)), text, shown)) };
}

async function findFile(given: string): Promise<string> {
  const named = /^[a-z0-9][a-z0-9-]*$/.test(given) ? [join('plans', given, 'plan.yaml')] : [];
  for (const candidate of [join(given, 'plan.yaml'), given, ...named]) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile() === true) return resolve(candidate);
  }
  const known = await namesBelow('plans');
  throw usageError(
    `Expected the folder of a plan, its plan.yaml, or the name of a plan in plans/, found ${JSON.stringify(given)}.\n` +
      (known.length === 0 ? 'There is no plan in plans/ here.' : `In plans/ here: ${known.join(', ')}`),
  );
}

async function namesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
