'use strict';
// Plain JavaScript without packages: the set-up runs before `npm ci`.
const fs = require('node:fs');

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The link to the copy that `nobody` can reach, beside the folder that he may not reach. @param {string} folder */
function outsideLink(folder) {
  return `${folder}-for-nobody`;
}

/**
 * As root, PostgreSQL runs as `nobody`, who cannot look below a home of mode 0700: such programs are copied. The copy's
 * name is random, because below `/var/tmp` anybody could have put programs under a name that he knows beforehand.
 * @param {string} folder
 */
function copyOutside(folder) {
  const copy = fs.mkdtempSync('/var/tmp/rubicon-programs-');
  fs.cpSync(folder, copy, { recursive: true });
  makeReadable(copy);
  const link = outsideLink(folder);
  fs.rmSync(`${link}.new`, { force: true });
  fs.symlinkSync(copy, `${link}.new`);
  // An older copy may be in use: the system's cleaner of /var/tmp has it in the end.
  fs.renameSync(`${link}.new`, link);
}

/**
 * Whether that cleaner, which goes by age, may have begun with the copy.
 * @param {string} folder
 */
function outsideIsOld(folder) {
  const link = fs.lstatSync(outsideLink(folder), { throwIfNoEntry: false });
  return link !== undefined && Date.now() - link.mtimeMs > WEEK_MS;
}

/** @param {string} folder */
function makeReadable(folder) {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) makeReadable(name);
    else fs.chmodSync(name, fs.statSync(name).mode | 0o444);
  }
}

module.exports = { copyOutside, outsideIsOld, outsideLink };
