import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../../contract/text/faults';
import { shown } from '../../contract/text/faults';
import { suggestion } from '../../contract/text/nearest';
import { planSchema, type Plan } from '../../contract/plan/plan';
import { yamlLimits } from '../../contract/text/yaml-limits';
import { readPlanFile } from '../../sql/statements/read-plan-file';

/** `unknown`: there is no such plan at all. Otherwise faults are those of its file. */
export type FoundPlan = { plan: Plan } | { faults: Fault[]; unknown: boolean };

/**
 * Reads a plan by its name from the folders of the settings. The name comes from anybody: only what can be a plan's
 * name becomes part of a path.
 */
export async function findPlan(folders: readonly string[], name: string): Promise<FoundPlan> {
  const found = planSchema.shape.name.safeParse(name).success ? await readAll(folders, name) : [];
  const [first, second] = found;
  if (first === undefined) {
    const message = `expected the name of a plan, found ${shown(name)}${suggestion(name, await planNames(folders))}`;
    return { unknown: true, faults: [{ place: 'plan', message }] };
  }
  if (second !== undefined) {
    const places = found.map(({ file }) => file).join(', ');
    return { unknown: false, faults: [{ place: 'plan', message: `expected one plan of this name, found ${places}` }] };
  }
  const parsed = await readPlanFile(name, first.text);
  return 'faults' in parsed ? { unknown: false, faults: parsed.faults } : parsed;
}

/** Names of all plans there are, usable or not. */
export async function planNames(folders: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(folders.map((folder) => readdir(folder, { withFileTypes: true }).catch(() => [])));
  const names = lists.flat().flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return [...new Set(names)].sort();
}

async function readAll(folders: readonly string[], name: string): Promise<{ file: string; text: string }[]> {
  const files = [...new Set(folders)].map((folder) => join(folder, name, 'plan.yaml'));
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readIfThere(file) })));
  return texts.flatMap(({ file, text }) => (text === undefined ? [] : [{ file, text }]));
}

/** More than a plan may be; of a larger file no more is read, so that nobody fills the worker's memory with one. */
const mostBytes = 16 * yamlLimits.bytes;

async function readIfThere(file: string): Promise<string | undefined> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe would wait for its writer
    if (!(await handle.stat()).isFile()) throw new Error(`expected a file at ${file}, found something else; remove it`);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mostBytes), 0, mostBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error; // no right to read it, a broken disk: not "there is no plan"
  } finally {
    await handle?.close();
  }
}
