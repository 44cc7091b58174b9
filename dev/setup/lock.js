'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const fs = require('node:fs');

const LIMIT_MS = 10 * 60 * 1000;

/**
 * Runs an action while no other process of this checkout runs it: two set-ups at once would install into each other.
 * @param {string} file the lock: there while somebody works, with his process id inside
 * @param {(line: string) => void} say
 * @param {() => T} action
 * @template T
 * @returns {T}
 */
function withLock(file, say, action) {
  const until = Date.now() + LIMIT_MS;
  for (let told = false; !take(file); told = true) {
    if (!told) say(`waiting for another set-up here (${file})`);
    if (Date.now() > until)
      throw new Error(`expected ${file} to go within 10 minutes; if no other set-up runs, delete it`);
    dropIfLeftBehind(file);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    return action();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  // Written beside and linked: a lock must never be seen without its process id.
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/**
 * Takes away the lock of a process that was killed. Only one may do so at a time: a second one, having read the old
 * lock, would take away the new one that a third has put there meanwhile.
 * @param {string} file
 */
function dropIfLeftBehind(file) {
  const guard = `${file}.drop`;
  try {
    fs.mkdirSync(guard);
  } catch {
    const since = fs.statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > 10_000) fs.rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    const holder = Number(fs.readFileSync(file, 'utf8'));
    if (!isAlive(holder)) fs.rmSync(file, { force: true });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  } finally {
    fs.rmSync(guard, { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

module.exports = { withLock };
