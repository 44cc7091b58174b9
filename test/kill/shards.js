'use strict';
// Parts of `npm run test:kill` that can run apart, each on a machine of its own: `npm run test:kill -- --shard effects`.
// A shard is a folder beside this file; how long each takes is in CONTRIBUTING.md.

/** What it shows, by the name of its folder. @type {Record<string, string>} */
const shards = {
  effects: 'every fault at every point of every effect, and races for the drop',
  rollouts: 'a killed worker, an abort, a rollback or a reset at each place; real durations',
  kinds: 'plans of every kind with their rollback; odd names, other tools and versions, people who keep writing',
  servers: 'damaged backups, full disks, throw-away servers; nothing outlives its process',
  fuzz: '300 random databases and plans; a planted fault is found and reduced',
};

module.exports = { shards };
