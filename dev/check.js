#!/usr/bin/env node
'use strict';
// All that must hold before a change goes in: `npm test`. The last line counts, for whoever reads only that.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const bin = (/** @type {string} */ name) => path.join(root, 'node_modules', '.bin', name);

const compiler = path.join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
const memory = path.join(root, 'node_modules', '.cache', 'tsc.tsbuildinfo');

/** @typedef {{ name: string, program: string, args: string[] }} Check */
/** @type {Check[]} */
const checks = [
  // The native compiler: which of the two packages gives `tsc` is npm's choice. It remembers what it has read.
  {
    name: 'types',
    program: process.execPath,
    args: [compiler, '-p', '.', '--incremental', '--tsBuildInfoFile', memory],
  },
  { name: 'lint', program: bin('eslint'), args: ['.'] },
  { name: 'lint with types', program: bin('oxlint'), args: ['--deny-warnings', '.'] },
  { name: 'unused code', program: bin('knip'), args: ['--no-progress'] },
  {
    name: 'format',
    program: bin('prettier'),
    args: ['--check', '--log-level', 'warn', '--cache', '--cache-strategy', 'content', '.'],
  },
];

main().then((failed) => {
  process.exitCode = failed ? 1 : 0;
});

/** @returns {Promise<boolean>} whether anything failed */
async function main() {
  // Tests often wait for servers; the checks take what they leave of two cores.
  const [wrong, tests] = await Promise.all([inTurn(checks), runTests()]);
  if (tests.ended !== 0 && tests.failed === 0) wrong.push('tests');
  for (const name of wrong) console.log(`✗ ${name}`);
  const failed = tests.failed + wrong.length;
  console.log(`${tests.passed} passed, ${failed} failed`);
  return failed > 0;
}

/** @param {Check[]} checks @returns {Promise<string[]>} the names of those that failed */
async function inTurn(checks) {
  const wrong = [];
  for (const { name, program, args } of checks) {
    const startedAt = Date.now();
    const { ended, output } = await run(program, args, { politely: true });
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    // Told at the end, in one piece: the tests talk, too.
    console.log(ended === 0 ? `✓ ${name} (${seconds} s)` : `✗ ${name} (${seconds} s)\n${output.trimEnd()}\n`);
    if (ended !== 0) wrong.push(name);
  }
  return wrong;
}

/** @typedef {{ ended: number, passed: number, failed: number, files: string[] }} Tests */

/**
 * Some tests measure times, and a busy machine fails them: a few files that failed beside others are run once more,
 * alone, and named. What fails then has failed.
 *
 * @returns {Promise<Tests>}
 */
async function runTests() {
  const first = await jest(process.argv.slice(2));
  if (first.files.length === 0 || first.files.length > 5) return first;
  console.log(
    `failed beside others, run again alone: ${first.files.map((file) => path.relative(root, file)).join(', ')}`,
  );
  const again = await jest(['--runInBand', '--runTestsByPath', ...first.files]);
  // Those of these files that had passed are counted by both runs.
  return { ...again, passed: first.passed + again.passed - first.passedInFailed };
}

/**
 * A file that does not even load has no tests that could fail: it counts as one.
 *
 * @param {string[]} args
 * @returns {Promise<Tests & { passedInFailed: number }>}
 */
async function jest(args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rubicon-check-'));
  const file = path.join(folder, 'results.json');
  try {
    const { ended } = await run(bin('jest'), ['--json', `--outputFile=${file}`, ...args], { shown: true });
    if (!fs.existsSync(file)) return { ended, passed: 0, failed: 0, files: [], passedInFailed: 0 };
    const results = JSON.parse(fs.readFileSync(file, 'utf8'));
    /** @type {{ name: string, status: string, assertionResults: { status: string }[] }[]} */
    const bad = results.testResults.filter((/** @type {{ status: string }} */ { status }) => status === 'failed');
    return {
      ended,
      passed: Number(results.numPassedTests),
      failed: Number(results.numFailedTests) + Number(results.numRuntimeErrorTestSuites),
      files: bad.map(({ name }) => name),
      passedInFailed: bad.flatMap((suite) => suite.assertionResults).filter(({ status }) => status === 'passed').length,
    };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {object} [how]
 * @param {boolean} [how.shown] as it comes; otherwise returned
 * @param {boolean} [how.politely] only with what others leave of the processors
 * @returns {Promise<{ ended: number, output: string }>}
 */
function run(program, args, { shown = false, politely = false } = {}) {
  return new Promise((resolve) => {
    // Output of jest is on standard error, which would overtake our own lines: both go the same way.
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', shown ? 1 : 'pipe', shown ? 1 : 'pipe'] });
    if (politely && child.pid !== undefined) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ ended: 1, output: String(error) }));
    child.once('close', (code) => resolve({ ended: code ?? 1, output }));
  });
}
