import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultLines, shown } from '../contract/text/faults';
import { columnNameSchema } from '../contract/text/object-name';
import { columnsOf } from '../contract/plan/removals';
import { readPlanFile } from '../sql/statements/read-plan-file';
import { introspect } from '../activities/state/introspect';
import { newPlanText } from './plan-new-text';
import { findEnvironment, loadSettings, SettingsFault } from './settings';

const usage = `Usage: rubicon plan new NAME --drop table.column [--drop …] [--config rubicon.yaml] [--target NAME] [--folder plans]
Looks into the staging database of the settings, changes nothing there, and writes FOLDER/NAME/plan.yaml. What no database
can tell is marked "fill in".`;

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
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        drop: { type: 'string', multiple: true },
        config: { type: 'string' },
        target: { type: 'string' },
        folder: { type: 'string', default: 'plans' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      terminal.out(usage);
      return 0;
    }
    const [name, ...more] = positionals;
    const faults = [
      ...(name === undefined || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)
        ? [`expected a name of lower-case letters, digits and hyphens, found ${JSON.stringify(name ?? 'none')}`]
        : []),
      ...(more.length > 0 ? [`expected one name, found ${positionals.join(' ')}`] : []),
      ...(values.drop === undefined ? ['expected --drop table.column, found none'] : []),
      ...(values.drop ?? []).flatMap(
        (column) =>
          columnNameSchema
            .safeParse(column)
            .error?.issues.map(({ message }) => `--drop: ${message}, found ${shown(column)}`) ?? [],
      ),
    ];
    if (name === undefined || values.drop === undefined || faults.length > 0)
      return fail(2, `${faults.join('\n')}\n${usage}`);
    const file = join(values.folder, name, 'plan.yaml');
    if (existsSync(file)) return fail(2, `expected no plan at ${file}, found one; it is never written over`);
    return await write({ name, drop: values.drop, file, config: values.config, target: values.target }, terminal);
  } catch (error) {
    if (error instanceof SettingsFault) return fail(2, error.message);
    const code = (error as { code?: string }).code ?? '';
    const message = error instanceof Error ? error.message : String(error);
    return code.startsWith('ERR_PARSE_ARGS') ? fail(2, `${message}\n${usage}`) : fail(1, message);
  }
}

interface Order {
  name: string;
  drop: string[];
  file: string;
  config: string | undefined;
  target: string | undefined;
}

async function write({ name, drop, file, config, target }: Order, { out, note }: Said): Promise<number> {
  const settings = loadSettings({ roles: ['staging'], ...(config !== undefined && { file: config }) });
  const names = settings.targets.map((each) => each.name);
  const chosen = target ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined)
    throw new SettingsFault(settings.file, [{ place: '--target', message: `expected one of ${names.join(', ')}` }]);
  const environment = findEnvironment(settings, 'staging')(chosen);
  const found = await introspect(
    environment,
    drop.flatMap((column) => columnsOf({ removes: [{ column }] })),
  );
  if ('faults' in found) {
    note(found.faults.join('\n'));
    return 1;
  }
  const text = newPlanText(name, found);
  const parsed = await readPlanFile(name, text, file);
  const faults = 'faults' in parsed ? parsed.faults : [];
  if (faults.length > 0) throw new Error(`expected a usable plan, found:\n${faultLines(faults)}`);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text, { flag: 'wx' });
  const left = text.split('\n').filter((line) => line.includes('fill in')).length;
  out(file);
  note(`written from what ${chosen}'s staging says; ${left} places say "fill in"; then: rubicon plan check ${name}`);
  return 0;
}
