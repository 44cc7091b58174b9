import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = path.join(__dirname, '../../..');
const project = path.join(__dirname, 'alembic');
const packages = path.join(root, '.tools', 'alembic-1.20.1');

/** What a call of Alembic answers: its exit status decides, its words are for people. */
export interface AlembicEnd {
  exitCode: number;
  output: string;
}

/** The real Alembic of PyPI, of the pinned versions, once for all runs. */
export async function installAlembic(): Promise<void> {
  if (existsSync(packages)) return;
  const partial = `${packages}.${process.pid}`;
  const requirements = path.join(project, 'requirements.txt');
  const options = ['--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:', '--target', partial];
  await run('python3', ['-m', 'pip', 'install', ...options, '-r', requirements]);
  if (existsSync(packages)) rmSync(partial, { recursive: true });
  else renameSync(partial, packages);
}

/** As the settings of a target name it: a command, and its variables. */
export const alembicAction = (databaseUrl: string, ...words: string[]) => alembicOf('alembic', databaseUrl, words);

const alembicOf = (repository: Repository, databaseUrl: string, words: string[]) => ({
  command: ['python3', '-m', 'alembic', '-c', path.join(project, `${repository}.ini`), ...words],
  environment: { DATABASE_URL: databaseUrl, PYTHONPATH: `${packages}:${project}`, PYTHONDONTWRITEBYTECODE: '1' },
});

/** The application's repository as it was for a release, or as it is today. */
type Repository = 'phase2' | 'phase3' | 'alembic';

/** By hand, or by a pipeline. `repository`: whose revisions and declarations it knows. */
export async function alembic(
  databaseUrl: string,
  words: string[],
  repository: Repository = 'alembic',
): Promise<AlembicEnd> {
  const { command, environment } = alembicOf(repository, databaseUrl, words);
  const [program = '', ...args] = command;
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    MODELS: repository === 'phase2' ? 'phase2' : 'phase3',
    ...environment,
  };
  try {
    const { stdout, stderr } = await run(program, args, { env });
    return { exitCode: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number; stdout: string; stderr: string };
    return { exitCode: Number(code ?? -1), output: `${stdout}${stderr}` };
  }
}
