import { furtherRights, installStatements } from '../../../sql/install';
import type { SampleEnvironment } from './sample-environment';

/** A worker's role with the rights that `rubicon doctor --install-sql` prints, and no others. */
export interface LeastRole {
  /** Connects as it. */
  url: string;
  role: string;
  /** Owns the plan's tables; the role is a member. */
  owner: string;
}

/** Makes the role of a worker for a sample database, and an owner of its tables. */
export async function makeLeastRole({ database, environment }: SampleEnvironment): Promise<LeastRole> {
  const [role, owner] = [`worker_${database.name}`, `owner_${database.name}`];
  const password = 'planted';
  await database.query(`create role ${owner}`);
  await database.query(`create role ${role} login password '${password}'`);
  for (const table of ['sessions', 'assistants']) await database.query(`alter table ${table} owner to ${owner}`);
  const { name, target } = environment;
  const rights = [...furtherRights.matchAll(/^-- {5}(.*);$/gm)].map(([, sql = '']) =>
    sql
      .replace('<role>', role)
      .replace('<owner>', owner)
      .replace('<schema>', 'public')
      .replace('<table of the revision>', 'alembic_version'),
  );
  const installed = installStatements({ environment: name, target, role }).map(({ sql }) => sql);
  for (const sql of [...installed, ...rights]) if (!/<\w+>/.test(sql)) await database.query(sql);
  return { url: Object.assign(new URL(database.url), { username: role, password }).href, role, owner };
}
