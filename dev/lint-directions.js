'use strict';
// An ESLint rule of our own, since ESLint's import rules miss `import()`, `require()` and `import("…").T`.
const path = require('node:path');

/**
 * @typedef {object} Folder what the files of a top-level folder may import
 * @property {string[]} ours other folders
 * @property {string[]} [typesOf] folders of which only types
 * @property {string[]} [lazily] folders that only a function body may load, by `require`, and whose types it may name
 * @property {RegExp[] | 'anything'} outside packages and Node's own modules
 * @property {RegExp[]} [never] of these none, although `outside` allows it
 */

const NODE = /^node:/;

/** The table of the design, which CONTRIBUTING.md repeats. A folder that is not here may not import at all. */
/** @type {Record<string, Folder>} */
const folders = {
  contract: { ours: [], outside: [/^zod$/, /^@temporalio\/common$/] },
  workflows: { ours: ['contract', 'report'], typesOf: ['activities'], outside: [/^@temporalio\/(workflow|common)$/] },
  sql: { ours: ['contract'], outside: [] },
  activities: {
    ours: ['contract', 'sql', 'report', 'adapters'],
    outside: [/^@temporalio\/(activity|common)$/, NODE],
  },
  adapters: { ours: [], outside: 'anything', never: [/^@temporalio\/(?!client$|common$)/] },
  report: { ours: ['contract'], outside: [] },
  worker: {
    ours: ['contract', 'sql', 'activities', 'adapters'], // sql: `doctor` prints the installation
    outside: 'anything',
    never: [/^@temporalio\/(workflow|activity)$/, /^(pg|ioredis|nodemailer|@slack\/.*)$/],
  },
  client: {
    ours: ['contract', 'sql', 'report'],
    typesOf: ['workflows'],
    lazily: ['dev', 'worker'],
    outside: 'anything',
    never: [/^@temporalio\/(workflow|activity|worker)$/, /^(pg|ioredis|nodemailer|@slack\/.*)$/],
  },
  dev: { ours: ['*'], outside: 'anything' },
  bench: { ours: ['*'], outside: 'anything' },
  test: { ours: ['*'], outside: 'anything' },
};

/**
 * The second level of the large floors, in the order of their imports: a file of a room imports its own room and earlier
 * ones; files on top of a floor, which wire the rooms together, import all of them, and no room imports these (but see
 * `flat`).
 *
 * @type {Record<string, string[]>}
 */
const rooms = {
  contract: ['text', 'plan', 'run', 'activities'],
  workflows: ['journal', 'decide', 'evidence', 'steps', 'rollback'],
  sql: ['statements', 'saved-values', 'kinds'],
  activities: [
    ...[
      'environment',
      'seals',
      'schema-change',
      'statements',
      'actions',
      'state',
      'decisions',
      'catalogue',
      'rows',
      'evidence',
    ],
    ...[
      'cache',
      'release',
      'backup',
      'approval',
      'clicks',
      'server-checks',
      'structure-checks',
      'preflight',
      'removal',
      'new-keys',
      'rebuild',
    ],
    ...['rollback', 'rehearsal', 'delivery', 'run', 'connect'],
  ],
  adapters: [
    ...['files', 'programs', 'postgres', 'server', 'rows', 'catalogue', 'dependents', 'encryption', 'scratch', 'dump'],
    ...['database-copy', 'redis', 'log', 'application', 'slack', 'webhook', 'mail'],
  ],
  report: ['run', 'chapters', 'gates', 'temporal-ui', 'slack', 'mail'],
  worker: ['settings', 'temporal', 'doctor', 'plan-new'],
  client: ['terminal', 'picture', 'rollouts', 'commands', 'plan', 'completion'],
  dev: [
    ...['schemas', 'setup', 'servers', 'local-slack', 'sample-application', 'sample-data', 'sample-platform'],
    ...['stack', 'stories', 'demo'],
  ],
};

/** Floors whose files on top wire nothing: each room may import them. `no-cycles` keeps them in order. */
const flat = new Set(['sql', 'report']);

/** What one file alone may import besides, because it is the only place for it. */
/** @type {Record<string, RegExp>} */
const exceptions = {
  'contract/run/messages.ts': /^@temporalio\/workflow$/, // makes the definitions of signals, queries and updates
  'contract/text/digest.ts': /^node:crypto$/, // workflows, which have no Node, get digests from activities
  'contract/plan/time-zone.ts': /^luxon$/, // nothing that a workflow contains
  'contract/plan/change-freeze.ts': /^luxon$/, // likewise
  'contract/text/duration.ts': /^ms$/, // no Node in it, so workflows may have it
  'contract/text/yaml-file.ts': /^yaml$/, // knows line and column of each fault, for plans and settings alike
  'contract/text/yaml-place.ts': /^yaml$/, // likewise, within a text
  'contract/text/yaml-limits.ts': /^yaml$/, // counts its parts before they are built
  'contract/text/yaml-faults.ts': /^yaml$/, // walks over its nodes
  'sql/statements/grammar.ts': /^(libpg-query|pgsql-deparser)$/, // loaded when asked; nothing that a workflow contains
};

/**
 * Why this file may not import that; undefined if it may.
 *
 * @param {string} file relative to the project
 * @param {string} source as written in the import
 * @param {'value' | 'type' | 'lazy'} how
 * @returns {string | undefined}
 */
function faultOf(file, source, how) {
  const from = String(file.split(path.sep)[0]);
  const folder = folders[from];
  if (!folder) return file.includes(path.sep) ? `files of ${from}/ import nothing` : undefined;
  if (!source.startsWith('.')) return outsideFault(file, from, folder, source);
  const to = String(path.normalize(path.join(path.dirname(file), source)).split(path.sep)[0]);
  if (to === from) return roomFault(file, path.normalize(path.join(path.dirname(file), source)));
  if (folder.ours.includes('*') || folder.ours.includes(to)) return undefined;
  if (folder.typesOf?.includes(to)) return how === 'type' ? undefined : `${from}/ may import only types of ${to}/`;
  if (folder.lazily?.includes(to)) {
    return how === 'value' ? `${from}/ may load ${to}/ only inside a function, by require()` : undefined;
  }
  const allowed = folder.ours.map((name) => `${name}/`).join(', ') || 'no other folder of this project';
  return `${from}/ may not import ${to}/, only ${allowed}`;
}

/**
 * Within one floor. Undefined where it has no rooms.
 *
 * @param {string} file
 * @param {string} target relative to the project, as written in the import
 */
function roomFault(file, target) {
  const [floor = '', room] = file.split(path.sep);
  const order = rooms[floor];
  const depth = file.split(path.sep).length;
  if (!order || depth < 3) return undefined;
  const [, to = ''] = target.split(path.sep);
  const isTop = target.split(path.sep).length < 3;
  if (!order.includes(String(room))) return `${floor}/ has no room ${room}/: add it to the list of rooms, at its place`;
  if (isTop && flat.has(floor)) return undefined;
  if (!isTop && order.includes(to) && order.indexOf(to) <= order.indexOf(String(room))) return undefined;
  const earlier = order.slice(0, order.indexOf(String(room)) + 1).join(', ');
  return `${floor}/${room}/ may not import ${target}, only rooms up to its own: ${earlier}`;
}

/**
 * @param {string} file
 * @param {string} from
 * @param {Folder} folder
 * @param {string} source
 */
function outsideFault(file, from, folder, source) {
  if (exceptions[file.split(path.sep).join('/')]?.test(source)) return undefined;
  const name = source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = folder.outside === 'anything' || folder.outside.some((pattern) => pattern.test(name));
  const forbidden = folder.never?.some((pattern) => pattern.test(name)) ?? false;
  return allowed && !forbidden ? undefined : `${from}/ may not import ${name}`;
}

/** @type {import('eslint').Rule.RuleModule} */
const directions = {
  meta: { type: 'problem', schema: [], messages: { direction: '{{fault}} (see CONTRIBUTING.md, "Directions")' } },
  create(context) {
    const file = path.relative(context.cwd, context.filename);
    /** @typedef {{ type: string, value?: unknown, source?: AnyNode | null, [key: string]: unknown }} AnyNode */
    /** @param {any} node @param {any} source @param {'value' | 'type' | 'lazy'} how */
    const check = (node, source, how) => {
      const text = source?.type === 'TSLiteralType' ? source.literal.value : source?.value;
      const fault =
        typeof text === 'string' ? faultOf(file, text, how) : 'what is imported must be written as plain text';
      if (fault) context.report({ node, messageId: 'direction', data: { fault } });
    };
    /** @param {any} node */
    const isInFunction = (node) => context.sourceCode.getAncestors(node).some(({ type }) => /Function/.test(type));
    /** @param {any} node */
    const ofDeclaration = (node) => {
      if (node.source) check(node, node.source, isTypeOnly(node) ? 'type' : 'value');
    };
    return {
      ImportDeclaration: ofDeclaration,
      ExportNamedDeclaration: ofDeclaration,
      ExportAllDeclaration: ofDeclaration,
      ImportExpression: (node) => check(node, node.source, isInFunction(node) ? 'lazy' : 'value'),
      TSImportType: (/** @type {any} */ node) => check(node, node.source ?? node.argument, 'type'),
      TSExternalModuleReference: (/** @type {any} */ node) => check(node, node.expression, 'value'),
      CallExpression: (node) => {
        if (!isRequire(node.callee)) return;
        check(node, node.arguments[0], isInFunction(node) ? 'lazy' : 'value');
      },
    };
  },
};

/** `import type`, `export type`, or every name of it marked by `type`. @param {any} node */
function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const names = node.specifiers ?? [];
  return (
    names.length > 0 && names.every((/** @type {any} */ name) => [name.importKind, name.exportKind].includes('type'))
  );
}

/** `require(…)`, and what jest makes of it. `require.resolve` loads nothing. @param {any} callee */
function isRequire(callee) {
  if (callee.type === 'Identifier') return callee.name === 'require';
  const called = callee.property?.name;
  return callee.object?.name === 'jest' && ['requireActual', 'requireMock', 'mock', 'doMock'].includes(called);
}

module.exports = { directions, faultOf, rooms };
