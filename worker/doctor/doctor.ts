import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findPlan } from '../../activities/statements/find-plan';
import { faultLines, type Fault } from '../../contract/text/faults';
import { environments, type Role } from '../../contract/run/names';
import { newSealKeys } from './new-keys';
import { printStatements, type Statement } from '../../sql/statement';
import { furtherRights, installStatements } from '../../sql/install';
import { readerStatements } from '../../sql/reader';
import { connectText } from './connect-text';
import { isAllWell, tryConnections } from './doctor-connect';
import { doctorUsage } from './doctor-usage';
import { readRoles } from '../settings/read-roles';
import { loadSettings, SettingsFault, type Settings } from '../settings/settings';

/** The word `doctor` of the CLI. Exit codes: 0 fine, 1 something can't be reached, 2 usage, or settings that can't be used. */
export async function doctor(args: string[]): Promise<number> {
  const fail = (message: string): number => {
    process.stderr.write(`${message}\n`);
    return 2;
  };
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        'install-sql': { type: 'string' },
        'new-keys': { type: 'string' },
        target: { type: 'string' },
        role: { type: 'string' },
        plan: { type: 'string' },
        connect: { type: 'boolean' },
        roles: { type: 'string' },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const { config, target, role, plan, 'install-sql': install } = values;
    if (values.help === true) {
      process.stdout.write(`${doctorUsage}\n`);
      return 0;
    }
    if (values['new-keys'] !== undefined) {
      process.stdout.write(await newSealKeys(values['new-keys']));
      return 0;
    }
    if (install !== undefined) {
      const environment = environments.find((name) => name === install);
      if (environment === undefined)
        return fail(`expected --install-sql staging or production, found "${install}"\n${doctorUsage}`);
      if (target === undefined)
        return fail(`expected --target NAME, as the settings name it, found none\n${doctorUsage}`);
      const reader = plan === undefined ? [] : await readerOfPlan(plan, role);
      if ('faults' in reader) return fail(`expected a usable plan, found:\n${faultLines(reader.faults)}`);
      const statements = [
        ...installStatements({ environment, target, ...(role !== undefined && { role }) }),
        ...reader,
      ];
      process.stdout.write(`${printStatements(statements)}\n${furtherRights}`);
      return 0;
    }
    const { output } = values;
    if (output !== 'text' && output !== 'json')
      return fail(`expected -o text or json, found "${output}"\n${doctorUsage}`);
    const roles = readRoles(values.roles);
    const settings = loadSettings({ roles, ...(config !== undefined && { file: config }) });
    const say = (line: string): boolean => (output === 'text' ? process.stdout : process.stderr).write(`${line}\n`);
    for (const warning of settings.warnings) say(`warning: ${warning}`);
    say(`${settings.file} can be used: ${settings.targets.map(({ name }) => name).join(', ')}`);
    return values.connect === true ? await tryThem(settings, roles, output) : 0;
  } catch (error) {
    if (error instanceof SettingsFault) return fail(error.message);
    return fail(`${error instanceof Error ? error.message : String(error)}\n${doctorUsage}`);
  }
}

async function tryThem(settings: Settings, roles: readonly Role[], output: 'text' | 'json'): Promise<number> {
  const startedAt = performance.now();
  const tried = await tryConnections(settings, roles);
  const text = connectText(tried, performance.now() - startedAt);
  process.stdout.write(output === 'json' ? `${JSON.stringify(tried, null, 2)}\n` : `\n${text}`);
  return isAllWell(tried) ? 0 : 1;
}

/** A plan by its folder, or by its name below `plans/` here. */
async function readerOfPlan(given: string, role: string | undefined): Promise<Statement[] | { faults: Fault[] }> {
  const folder = given.includes('/') ? dirname(resolve(given)) : 'plans';
  const found = await findPlan([folder], basename(given));
  return 'plan' in found ? readerStatements(found.plan, role) : { faults: found.faults };
}
