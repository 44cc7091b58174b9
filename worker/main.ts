import { parseArgs } from 'node:util';
import { readRoles } from './settings/read-roles';
import { SettingsFault } from './settings/settings';
import { runWorker, type RunWorkerOptions } from './run-worker';
import { workerUsage } from './worker-usage';

/** The word `worker` of the CLI. Exit codes: 0 told to end, 1 failed, 2 usage or configuration. */
export async function worker(args: string[]): Promise<number> {
  const fail = (code: number, message: string): number => {
    process.stderr.write(`${message}\n`);
    return code;
  };
  let options: RunWorkerOptions;
  try {
    const { values } = parseArgs({
      args,
      options: {
        roles: { type: 'string' },
        config: { type: 'string' },
        'workflow-bundle': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      process.stdout.write(`${workerUsage}\n`);
      return 0;
    }
    const { config, 'workflow-bundle': codePath } = values;
    options = {
      roles: readRoles(values.roles),
      ...(config !== undefined && { config }),
      ...(codePath !== undefined && { workflowBundle: { codePath } }),
    };
  } catch (error) {
    return fail(2, `${error instanceof Error ? error.message : String(error)}\n${workerUsage}`);
  }
  try {
    await runWorker(options);
    return 0;
  } catch (error) {
    return fail(error instanceof SettingsFault ? 2 : 1, error instanceof Error ? error.message : String(error));
  }
}
