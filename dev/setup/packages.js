'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

/** What `npm ci` downloads into an empty cache. */
const packagesMegabytes = 240;

/** @param {string} root @returns {boolean} whether `installPackages` would have nothing to do */
function packagesAreReady(root) {
  const stamp = path.join(root, 'node_modules', '.rubicon-setup');
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === fingerprint(root) && fs.existsSync(binLink(root));
}

/**
 * Installs exactly what the lock file says, and `npx rubicon`.
 * @param {string} root
 * @param {(title: string, megabytes: number) => void} begin told what begins
 * @returns {import('./servers').Problem | undefined}
 */
function installPackages(root, begin) {
  begin('npm packages', packagesMegabytes);
  // Omit nothing: NODE_ENV=production would leave out the tests' packages. No package here needs its install script.
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--loglevel=error'];
  const [program, ...before] = npm();
  const run = spawnSync(program, [...before, ...args], { cwd: root, encoding: 'utf8' });
  if (run.error || run.status !== 0) {
    const why = run.error
      ? run.error.message
      : (run.stderr.match(/^npm error .*/gm) ?? [run.stderr.trim()]).slice(0, 8);
    const help = 'look at the network and at `npm config get registry`, then run this again';
    return { missing: 'the npm packages of package-lock.json', why: [why].flat(), help: [help] };
  }
  linkBin(root);
  fs.writeFileSync(path.join(root, 'node_modules', '.rubicon-setup'), fingerprint(root));
  return undefined;
}

/** npm itself as it runs us; else the one on PATH. @returns {[string, ...string[]]} */
function npm() {
  const running = process.env.npm_execpath;
  return running && /npm-cli\.c?js$/.test(running) ? [process.execPath, running] : ['npm'];
}

/** Packages with programs inside differ by platform, so the same lock file on another platform is not the same. */
/** @param {string} root */
function fingerprint(root) {
  const hash = createHash('sha256').update(fs.readFileSync(path.join(root, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`;
}

/** @param {string} root */
function binLink(root) {
  return path.join(root, 'node_modules', '.bin', 'rubicon');
}

/** npm links the programs of all packages but the root's own. @param {string} root */
function linkBin(root) {
  const link = binLink(root);
  fs.rmSync(`${link}.new`, { force: true });
  fs.symlinkSync(path.join('..', '..', 'client', 'rubicon.js'), `${link}.new`);
  fs.renameSync(`${link}.new`, link);
}

module.exports = { installPackages, packagesAreReady, packagesMegabytes };
