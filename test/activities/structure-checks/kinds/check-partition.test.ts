import { createCheckServer } from '../../../../activities/server-checks/check-server';
import { createCheckStructure } from '../../../../activities/structure-checks/check-structure';
import { obstacles, type Finding } from '../../../../contract/run/findings';
import type { Removes } from '../../../../contract/plan/removals';
import { openKindStage, type KindStage } from '../../../support/stages/kind-stage';
import { oldPartitions } from '../../../support/inputs/plan-kinds';

// What a partition has to be, so that it can be detached and come back.

let at: KindStage;
beforeAll(async () => {
  at = await openKindStage(oldPartitions);
  for (const sql of [
    'create table plain (id int primary key)',
    'create table hashed (id int primary key) partition by hash (id)',
    'create table hashed_0 partition of hashed for values with (modulus 1, remainder 0)',
    'create table deep (id int primary key) partition by range (id)',
    'create table deep_1 partition of deep for values from (0) to (10) partition by list (id)',
    'create table deep_1_1 partition of deep_1 for values in (1, 2)',
    'create table deep_rest partition of deep default',
    'create table pointing (deep int references deep (id))',
    'create table switched (id int primary key) partition by range (id)',
    'create table switched_1 partition of switched for values from (0) to (10)',
    'create trigger "each Row" before update on switched for each row execute function suppress_redundant_updates_trigger()',
    'alter table switched_1 disable trigger "each Row"',
    'create publication of_switched for table switched with (publish_via_partition_root)',
  ])
    await at.query(sql);
});
afterAll(() => at.stage.close());

/** A foreign key has one constraint a partition, each with a number of its own. */
const ofPointing = expect.stringMatching(/^table constraint pointing_deep_fkey\d* on public\.pointing$/) as string;

async function found(...removes: Removes): Promise<Finding[]> {
  const look = { target: 'agent-api', ...at.prepared.plan, removes, queries: [], dropped: false };
  return obstacles(await createCheckStructure({ environment: at.stage.find })(look));
}

test.each<[string, Removes[number], Partial<Finding>[]]>([
  [
    'of another table',
    { partition: 'events_2023_02', of: 'old.events', primaryKey: ['id', 'at'] },
    [{ check: 'partition events_2023_02', found: 'a partition of events', remedy: 'write into the plan: of: events' }],
  ],
  [
    'a table of its own',
    { partition: 'plain', of: 'events' },
    [
      {
        ...{ check: 'partition plain', found: 'a table of its own' },
        remedy: 'a table of its own is removed by "table" in place of "partition"',
      },
    ],
  ],
  ['none', { partition: 'events_1999', of: 'events' }, [{ check: 'partition events_1999', found: 'not there' }]],
  [
    'by hash',
    { partition: 'hashed_0', of: 'hashed' },
    [
      {
        ...{ check: 'form of partition hashed_0', expected: 'a table with rows, for values of a range or a list' },
        remedy: expect.stringMatching(/^that is beyond this plan: remove rows/) as string,
      },
    ],
  ],
  [
    'the default one',
    { partition: 'deep_rest', of: 'deep' },
    [
      { check: 'form of partition deep_rest', found: expect.stringMatching(/^the default partition/) as string },
      { check: ofPointing },
    ],
  ],
  [
    'with partitions',
    { partition: 'deep_1', of: 'deep' },
    [
      { check: 'form of partition deep_1', found: 'a table that has partitions itself' },
      { check: ofPointing },
      { check: 'partitioned table public.deep_1' },
    ],
  ],
  [
    'that foreign keys point at, through all that is above it',
    { partition: 'deep_1_1', of: 'deep_1' },
    [
      {
        check: ofPointing,
        remedySql: ['alter table public.pointing drop constraint pointing_deep_fkey'],
      },
    ],
  ],
  [
    'with a trigger that is switched otherwise; that its table is published stops nothing',
    { partition: 'switched_1', of: 'switched' },
    [
      {
        ...{ check: 'trigger "each Row" of switched_1', found: 'switched otherwise' },
        remedySql: ['alter table public.switched_1 enable trigger "each Row"'],
      },
    ],
  ],
])('%s', async (_, entry, expected) => {
  expect(await found(entry)).toMatchObject(expected);
});

test('half detached by somebody: the statement that finishes it', async () => {
  await at.query(
    `update pg_inherits set inhdetachpending = true where inhrelid = 'events_2023_03'::regclass`, // as a cancelled one leaves it
  );
  const [first] = await found({ partition: 'events_2023_03', of: 'events', primaryKey: ['id', 'at'] });
  expect(first).toMatchObject({
    ...{ check: 'partition events_2023_03', found: 'a partition of events, half detached' },
    remedy: '"alter table public.events detach partition public.events_2023_03 finalize", then start the rollout again',
  });
  await at.query(`update pg_inherits set inhdetachpending = false where inhrelid = 'events_2023_03'::regclass`);
});

test('the owner of the table above may be another one: the worker has to be a member of it', async () => {
  await at.query(`create role above_owner_${process.pid}`);
  await at.query(`alter table old.sales owner to above_owner_${process.pid}`);
  const { findings } = await createCheckServer({ environment: at.stage.find })({
    ...{ target: 'agent-api', ...at.prepared.plan, longTransaction: '1 minute', run: at.prepared.run },
  });
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['right to alter public.events_2023_01', 'right to alter old."Sales North"']),
  );
  expect((await at.checkStructure()).map(({ check }) => check)).toContain('right to alter old.sales');
});
