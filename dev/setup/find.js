'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @typedef {'postgres' | 'temporal' | 'redis'} ServerName
 * @typedef {object} Server
 * @property {string} title for messages
 * @property {string} variable the environment variable that wins over everything
 * @property {'folder' | 'program'} holds what the variable names
 * @property {string[]} programs all of them must lie in one folder; the first tells the version
 * @property {RegExp} version finds major and minor in the first program's `--version`
 * @property {[number, number]} atLeast oldest usable version
 * @property {string} expects the same in words
 * @property {boolean} [refusesRoot] started as another user when we are root, who must be able to reach it
 * @typedef {{ bin: string, program?: string, from: string }} Found `program`: its path, where the variable names it
 * @typedef {{ found?: Found, reasons: string[], mistaken: boolean }} Search `mistaken`: a variable names something
 *   unusable, so nothing else was tried
 */

/** The user that PostgreSQL runs as when we are root, whom it refuses: `nobody` on every usual system. */
const NOBODY = 65534;

/** @type {Record<ServerName, Server>} */
const servers = {
  postgres: {
    title: 'PostgreSQL',
    variable: 'RUBICON_POSTGRES_BIN',
    holds: 'folder',
    programs: ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'],
    version: /PostgreSQL\) (\d+)(?:\.(\d+))?/,
    atLeast: [16, 0],
    expects: 'version 16 or newer, server and client programs in one folder',
    refusesRoot: true,
  },
  temporal: {
    title: 'Temporal',
    variable: 'RUBICON_TEMPORAL',
    holds: 'program',
    programs: ['temporal'],
    version: /Server (\d+)\.(\d+)/,
    atLeast: [1, 32],
    expects: 'Temporal CLI 1.9 or newer (server 1.32)',
  },
  redis: {
    title: 'Redis',
    variable: 'RUBICON_REDIS_SERVER',
    holds: 'program',
    programs: ['redis-server'],
    version: /v=(\d+)\.(\d+)/,
    atLeast: [6, 2],
    expects: 'version 6.2 or newer',
  },
};

/**
 * Where a server's programs are: its environment variable, else `PATH` if new enough, else the folders of the cache.
 * @param {ServerName} name
 * @param {string[]} cached folders of the cache that may hold it, best first
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Search}
 */
function findServer(name, cached, env = process.env) {
  const server = servers[name];
  const named = env[server.variable];
  if (named) {
    const program = path.resolve(named);
    const bin = server.holds === 'folder' ? program : path.dirname(program);
    const fault = faultOf(server, bin, server.holds === 'program' ? program : undefined);
    if (fault) return { reasons: [`${server.variable} names ${named}: ${fault}`], mistaken: true };
    const found = server.holds === 'program' ? { bin, program, from: server.variable } : { bin, from: server.variable };
    return { found, reasons: [], mistaken: false };
  }
  const reasons = [];
  for (const bin of [...foldersOfPath(server, env), ...cached]) {
    const fault = faultOf(server, bin);
    if (!fault) return { found: { bin, from: cached.includes(bin) ? '.tools' : 'PATH' }, reasons, mistaken: false };
    reasons.push(`${bin}: ${fault}`);
  }
  if (reasons.length === 0) reasons.push(`no ${server.programs[0]} on PATH`);
  return { reasons, mistaken: false };
}

/**
 * Folders of `PATH` that hold the server's first program. Links are followed, since distributions link one program of
 * a folder and not its neighbours.
 * @param {Server} server
 * @param {NodeJS.ProcessEnv} env
 */
function foldersOfPath(server, env) {
  const folders = new Set();
  for (const folder of (env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute)) {
    const program = path.join(folder, String(server.programs[0]));
    if (fs.existsSync(program)) folders.add(path.dirname(fs.realpathSync(program)));
  }
  return [...folders];
}

/**
 * Why these programs are of no use; undefined if they are.
 * @param {Server} server
 * @param {string} bin
 * @param {string} [program] if it has a name of its own
 */
function faultOf(server, bin, program) {
  const missing = program ? [] : server.programs.filter((one) => !fs.existsSync(path.join(bin, one)));
  if (missing.length > 0) return `${missing.join(', ')} not there`;
  const asNobody = server.refusesRoot && process.getuid?.() === 0;
  const first = program ?? path.join(bin, String(server.programs[0]));
  const run = spawnSync(first, ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    timeout: 20_000,
    ...(asNobody ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  if (run.error || run.status !== 0) {
    const why = run.error ? run.error.message : lastLine(run.stderr) || `ended with ${run.status ?? run.signal}`;
    return asNobody
      ? `cannot be run as user ${NOBODY}, which root needs for PostgreSQL (${why})`
      : `does not run (${why})`;
  }
  const match = server.version.exec(run.stdout);
  if (!match) return `reports no version that can be read (${lastLine(run.stdout)})`;
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  const [leastMajor, leastMinor] = server.atLeast;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `found ${major}.${minor}, expected ${server.expects}`;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}

module.exports = { NOBODY, servers, findServer, lastLine };
