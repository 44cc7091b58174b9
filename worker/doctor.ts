import { parseArgs } from 'node:util';
import { environments, roles } from '../contract/names';
import { printStatements } from '../sql/statement';
import { furtherRights, installStatements } from '../sql/install';
import { loadSettings, SettingsFault } from './settings';

const usage = `Usage: rubicon doctor [--config rubicon.yaml]      says what is wrong with the settings
       rubicon doctor --install-sql staging|production --target NAME [--role ROLE]   prints the schema for a DBA`;

/** The word `doctor` of the CLI. Exit codes: 0 fine, 2 usage, or settings that can't be used. */
export function doctor(args: string[]): Promise<number> {
  const fail = (message: string): Promise<number> => {
    process.stderr.write(`${message}\n`);
    return Promise.resolve(2);
  };
  try {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        'install-sql': { type: 'string' },
        target: { type: 'string' },
        role: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const { config, target, role, 'install-sql': install } = values;
    if (values.help === true) {
      process.stdout.write(`${usage}\n`);
      return Promise.resolve(0);
    }
    if (install !== undefined) {
      const environment = environments.find((name) => name === install);
      if (environment === undefined)
        return fail(`expected --install-sql staging or production, found "${install}"\n${usage}`);
      if (target === undefined) return fail(`expected --target NAME, as the settings name it, found none\n${usage}`);
      const statements = installStatements({ environment, target, ...(role !== undefined && { role }) });
      process.stdout.write(`${printStatements(statements)}\n${furtherRights}`);
      return Promise.resolve(0);
    }
    const settings = loadSettings({ roles, ...(config !== undefined && { file: config }) });
    for (const warning of settings.warnings) process.stdout.write(`warning: ${warning}\n`);
    process.stdout.write(`${settings.file} can be used: ${settings.targets.map(({ name }) => name).join(', ')}\n`);
    return Promise.resolve(0);
  } catch (error) {
    if (error instanceof SettingsFault) return fail(error.message);
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}
