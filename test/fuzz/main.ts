import { parseArgs } from 'node:util';
import { loadModule } from 'libpg-query';
import { runCases } from './run-cases';
import { fetchPostgres18 } from '../support/servers/fetch-postgres18';
import { openFuzzServer } from './server';

/** `npm run test:fuzz`: random databases and plans, each there and back, or refused with a remedy that works. */
const usage =
  'npm run test:fuzz -- --seed N --cases K | --seeds N,N,… [--postgres 15|16|18|FOLDER] [--proven-every N] [--jobs N] [--no-shrink]';

const options = {
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string' },
  cases: { type: 'string', default: '100' },
  postgres: { type: 'string', default: '16' },
  'proven-every': { type: 'string', default: '10' },
  jobs: { type: 'string', default: '2' },
  'no-shrink': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const numbers = [values.seed, values.cases, values['proven-every'], values.jobs].map(Number);
  const [seed = 0, cases = 0, provenEvery = 0, jobs = 0] = numbers;
  if (!numbers.every((number) => Number.isInteger(number) && number > 0)) {
    console.error(`expected whole numbers from 1; ${usage}`);
    return 2;
  }
  await loadModule();
  if (values.postgres === '18') fetchPostgres18();
  const server = await openFuzzServer(values.postgres);
  const { version, has } = server;
  const listed = values.seeds?.split(',').map(Number);
  const seeds = listed ?? Array.from({ length: cases }, (_, index) => seed + index);
  try {
    const say = (line: string): void => console.log(line);
    const failed = await runCases(server, { seeds, provenEvery, jobs, shrinks: !values['no-shrink'], say });
    const lacking = [has.contrib ? '' : ', without contrib', has.icu ? '' : ', without ICU'].join('');
    const which = failed.length === 0 ? '' : `: ${failed.map((each) => each.seed).join(', ')}`;
    say(`PostgreSQL ${version}${lacking}; the backup was restored in 1 of ${provenEvery} cases`);
    say(`${seeds.length} cases from seed ${seeds[0]}, ${failed.length} with a fault${which}`);
    return failed.length === 0 ? 0 : 1;
  } finally {
    await server.close();
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
