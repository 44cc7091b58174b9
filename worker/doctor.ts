import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findPlan } from '../activities/statements/find-plan';
import { faultLines, type Fault } from '../contract/text/faults';
import { environments, type Role } from '../contract/run/names';
import { printStatements, type Statement } from '../sql/statement';
import { furtherRights, installStatements } from '../sql/install';
import { readerStatements } from '../sql/reader';
import { connectText } from './connect-text';
import { isAllWell, tryConnections } from './doctor-connect';
import { readRoles } from './read-roles';
import { loadSettings, SettingsFault, type Settings } from './settings';

const usage = `Usage: rubicon doctor [--config rubicon.yaml]      checks the settings, and names every fault
       rubicon doctor --connect [--roles control,staging,production] [-o text|json]
           tries everything the settings name for these roles (default: all): database, Redis, log, application, actions,
           programs, backups, Temporal, Slack; needs no plan, changes nothing, takes seconds; exit code 1 if
           something is not as expected, or unknown
       rubicon doctor --install-sql staging|production --target NAME [--role ROLE] [--plan PLAN]
           prints the schema for a DBA, and the role as which the statements of a plan are run`;

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
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    if (install !== undefined) {
      const environment = environments.find((name) => name === install);
      if (environment === undefined)
        return fail(`expected --install-sql staging or production, found "${install}"\n${usage}`);
      if (target === undefined) return fail(`expected --target NAME, as the settings name it, found none\n${usage}`);
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
    if (output !== 'text' && output !== 'json') return fail(`expected -o text or json, found "${output}"\n${usage}`);
    const roles = readRoles(values.roles);
    const settings = loadSettings({ roles, ...(config !== undefined && { file: config }) });
    const say = (line: string): boolean => (output === 'text' ? process.stdout : process.stderr).write(`${line}\n`);
    for (const warning of settings.warnings) say(`warning: ${warning}`);
    say(`${settings.file} can be used: ${settings.targets.map(({ name }) => name).join(', ')}`);
    return values.connect === true ? await tryThem(settings, roles, output) : 0;
  } catch (error) {
    if (error instanceof SettingsFault) return fail(error.message);
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
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
