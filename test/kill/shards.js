'use strict';
// Parts of `npm run test:kill` that can run apart, each on a machine of its own: `npm run test:kill -- --shard effects`.
// A shard is a folder beside this file; how long each takes is in CONTRIBUTING.md.

/** What it shows, by the name of its folder. @type {Record<string, string>} */
const shards = {
  effects: 'every fault at every point of every effect, and races for the drop',
  rollouts: 'a worker killed, a step aborted, a rollback ordered, a run reset at each place; true durations',
  kinds:
    'plans of every kind there and back, with odd names, other tools, other versions, and people who go on writing',
  servers: 'damaged backups, full disks, throw-away servers, and that nothing outlives its process',
  fuzz: '300 random databases and plans, and that a planted fault is found and made small',
};

module.exports = { shards };
