import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { faultLines } from '../../contract/text/faults';
import { readPlanFile } from '../../sql/statements/read-plan-file';
import { lookForPlan } from './plan-new-kinds';
import { planNewUsage, readPlanNew, type PlanNewOrder } from './plan-new-order';
import { newPlanText } from './plan-new-text';
import { findEnvironment, loadSettings, SettingsFault } from '../settings/settings';

/** Where answers and everything else go. */
interface Said {
  out(text: string): void;
  note(text: string): void;
}

/** The word `plan new` of the CLI. Exit codes: 0 written, 1 not found or not reachable, 2 usage or configuration. */
export async function planNew(args: string[], terminal: Said): Promise<number> {
  const fail = (code: number, message: string): number => {
    terminal.note(message);
    return code;
  };
  try {
    const read = readPlanNew(args);
    if (read === 'help') {
      terminal.out(planNewUsage);
      return 0;
    }
    if ('faults' in read) return fail(2, `${read.faults.join('\n')}\n${planNewUsage}`);
    const file = join(read.order.folder, read.order.name, 'plan.yaml');
    if (existsSync(file)) return fail(2, `expected no plan at ${file}, found one; it is never overwritten`);
    return await write(read.order, file, terminal);
  } catch (error) {
    if (error instanceof SettingsFault) return fail(2, error.message);
    const code = (error as { code?: string }).code ?? '';
    const message = error instanceof Error ? error.message : String(error);
    return code.startsWith('ERR_PARSE_ARGS') ? fail(2, `${message}\n${planNewUsage}`) : fail(1, message);
  }
}

async function write(order: PlanNewOrder, file: string, { out, note }: Said): Promise<number> {
  const { name, removes, config, target } = order;
  const settings = loadSettings({ roles: ['staging'], ...(config !== undefined && { file: config }) });
  const names = settings.targets.map((each) => each.name);
  const chosen = target ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined)
    throw new SettingsFault(settings.file, [{ place: '--target', message: `expected one of ${names.join(', ')}` }]);
  const found = await lookForPlan(findEnvironment(settings, 'staging')(chosen), removes);
  if ('faults' in found) {
    note(found.faults.join('\n'));
    return 1;
  }
  const text = newPlanText(name, found, schemaFor(file));
  const parsed = await readPlanFile(name, text, file);
  const faults = 'faults' in parsed ? parsed.faults : [];
  if (faults.length > 0) throw new Error(`expected a usable plan, found:\n${faultLines(faults)}`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { flag: 'wx' });
  const left = text.split('\n').filter((line) => /fill in/i.test(line)).length;
  out(file);
  note(`written from what ${chosen}'s staging says; ${left} places say "fill in"; then: rubicon plan check ${name}`);
  return 0;
}

/** Path of the schema for editors; an installation may be without it. */
function schemaFor(file: string): string | undefined {
  const schema = resolve(__dirname, '../../schemas/plan.schema.json');
  return existsSync(schema) ? relative(resolve(dirname(file)), schema) : undefined;
}
