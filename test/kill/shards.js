'use strict';
// Parts of `npm run test:kill` that can run apart, each on a machine of its own: `npm run test:kill -- --shard effects`.

/** @typedef {{ shows: string, files: string[] }} Shard */

/** By name. Each file of this folder stands in one; how long each takes is in CONTRIBUTING.md. @type {Record<string, Shard>} */
const shards = {
  effects: {
    shows: 'every fault at every point of every effect, and races for the drop',
    files: ['fail-points', 'races'],
  },
  rollouts: {
    shows: 'a worker killed, a step aborted, a rollback ordered, a run reset at each place; true durations',
    files: [
      ...['killed-worker', 'aborted-step', 'late-aborts', 'rollback-in-each-phase', 'resets', 'ended-while-loading'],
      ...['true-durations', 'change-window', 'rehearsal-by-action'],
    ],
  },
  kinds: {
    shows:
      'plans of every kind there and back, with odd names, other tools, other versions, and people who go on writing',
    files: [
      ...['plan-kinds', 'odd-names', 'changed-meanwhile', 'backup-alone', 'new-keys', 'alembic', 'publications'],
      ...['postgres18', 'what-approvers-read'],
    ],
  },
  servers: {
    shows: 'damaged backups, full disks, throw-away servers, and that nothing outlives its process',
    files: ['damaged-backups', 'disk-full', 'scratch-postgres', 'child'],
  },
  fuzz: {
    shows: '300 random databases and plans, and that a planted fault is found and made small',
    files: ['fuzz', 'fuzz-shrinks'],
  },
};

module.exports = { shards };
