import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOwnedFolder, createThrowAwayFolder } from '../../../dev/servers/throw-away-folder';

/**
 * A folder of a server's programs, whose `initdb` makes a new cluster only once for the same options, and a copy of it
 * from then on: tests make hundreds, of which each takes 0.6 s of processor time. What it makes is what the real one
 * made; copies have one system identifier, and with a password or another option than `--pgdata=` for the place it is
 * the real one that runs. The caller removes `folder`.
 */
export function layCopiedClusters(binFolder: string): { folder: string; binFolder: string } {
  const folder = createThrowAwayFolder('clusters');
  const made = createOwnedFolder(folder, 'made');
  for (const name of readdirSync(binFolder).filter((each) => each !== 'initdb'))
    symlinkSync(join(binFolder, name), join(folder, name));
  writeFileSync(join(folder, 'initdb'), script(join(binFolder, 'initdb'), made), { mode: 0o755 });
  return { folder, binFolder: folder };
}

const script = (initdb: string, made: string): string => `#!/bin/sh
for option; do
  case "$option" in
    --pgdata=*) place=\${option#--pgdata=} ;;
    -D | --pwfile*) place=; break ;;
  esac
done
[ -n "$place" ] || exec '${initdb}' "$@"
options=$(for option; do case "$option" in --pgdata=*) ;; *) echo "$option" ;; esac; done)
cluster='${made}'/$(echo "$options" | cksum | tr ' ' -)
if [ ! -d "$cluster" ]; then
  new=$(mktemp -d '${made}'/new-XXXXXX) || exit
  '${initdb}' "$@" "--pgdata=$new/data" || exit
  # Of several that begin at once one is kept.
  mv -T "$new/data" "$cluster" 2>/dev/null || true
  rm -rf "$new"
fi
mkdir -p -m 700 "$place" && cp -a "$cluster/." "$place"
`;
