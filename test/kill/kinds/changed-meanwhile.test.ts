import { createDrop } from '../../../activities/removal/drop';
import { createUndoRemoval } from '../../../activities/removal/undo-removal';
import { digestOf } from '../../../contract/text/digest';
import { obstacles } from '../../../contract/run/findings';
import { approveRollback, rollbackVerbsOf } from '../../support/stages/dropped';
import { openKindStage, type KindStage } from '../../support/stages/kind-stage';
import { castOneWay, oneTenant, wholeTables } from '../../support/inputs/plan-kinds';
import { dropNow, takeOutOfUse } from '../../support/stages/ready-to-drop';
import { electorate } from '../../support/stages/sample-environment';
import { takeBackWhileWriting } from '../../support/faults/take-back-while-writing';

// What others do to a database while data is out of use, or gone.

let at: KindStage;
afterEach(() => at.stage.close());

describe('whole tables', () => {
  beforeEach(async () => {
    at = await openKindStage(wholeTables);
  });

  test('what has changed since does not stop it: a role is gone, and what rows point at', async () => {
    await at.query('create role reader_of_visits');
    await at.query('grant select on visits to reader_of_visits');
    await at.query('grant select (page) on visits to public');
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    await at.query('drop role reader_of_visits');
    await at.query('delete from sessions where id in (select id from sessions limit 1)'); // all visits pointed at it
    await at.query('create table lead (id int)');
    const { restoreRemoved, refillRemoved, finishRestore } = rollbackVerbsOf(at.stage);
    const input = await approveRollback(at.stage, at.prepared, { lossy: false });
    await restoreRemoved(input);
    const seenByOthers = `select relrowsecurity as yes from pg_class where oid = 'old."Pages"'::regclass`;
    expect(await at.query(seenByOthers)).toEqual([{ yes: true }]); // before it has a row or a policy
    await refillRemoved(input);
    const next = { ...(await approveRollback(at.stage, at.prepared, { lossy: false })) }; // another rollback, after the first one died
    await restoreRemoved(next);
    await refillRemoved(next);
    const findings = await finishRestore(next);
    expect(obstacles(findings)).toEqual([]);
    expect(findings.filter(({ status }) => status === 'not covered')).toMatchObject([
      { check: 'foreign key visits_session_fkey of visits', found: expect.stringContaining('NOT VALID') },
    ]);
    const [kept] = await at.query('select count(*)::int from visits');
    expect(kept).toEqual({ count: 301 });
  });

  test('a sequence goes on where it was, whatever rows are there', async () => {
    await at.query(`select setval(pg_get_serial_sequence('visits', 'id'), 5000)`);
    await at.backUp();
    await at.query(`select setval(pg_get_serial_sequence('visits', 'id'), 6000)`);
    await dropNow(at.stage, at.prepared);
    await at.takeBack();
    expect(await at.query(`insert into visits (tenant) values (1) returning id::int`)).toEqual([{ id: 6001 }]);
  });
});

describe('rows of one tenant', () => {
  beforeEach(async () => {
    at = await openKindStage(oneTenant);
  });

  const count = async () =>
    (
      await at.query(
        `select (select count(*)::int from orders where tenant = 42) as orders, (select count(*)::int from audit) as audited`,
      )
    )[0];

  test('rows that are written after the drop are others: it stays dropped, and comes back beside them', async () => {
    await at.backUp();
    const ready = await takeOutOfUse(at.stage, at.prepared);
    await createDrop({ environment: at.stage.find, electorate })(ready);
    await at.query(`insert into orders (tenant, note) values (42, 'a new life')`);
    await expect(createDrop({ environment: at.stage.find, electorate })(ready)).resolves.toMatchObject({ heldMs: 0 });
    const verified = await at.verifyDropped();
    expect(verified).toContainEqual(
      expect.objectContaining({ check: 'rows of orders that go', status: 'not covered' }),
    );
    await at.query('insert into orders (id, tenant) overriding system value values (3, 1)'); // it takes the key of one
    await expect(at.assess()).resolves.toMatchObject({
      observed: { data: 'dropped' },
      loss: { rows: 1 },
      restorable: { rows: 6998 },
    });
  });

  test('hidden rows are read by nobody else, and what they point at and was deleted meanwhile is told', async () => {
    await at.query('create table tenants (id int primary key)');
    await at.query('insert into tenants select distinct tenant from orders');
    await at.query('alter table orders add foreign key (tenant) references tenants (id)');
    await at.backUp();
    const ready = await takeOutOfUse(at.stage, at.prepared);
    expect(await at.query(`select relrowsecurity as closed from pg_class where relname ~ '^rubicon_hidden_'`)).toEqual([
      { closed: true },
      { closed: true },
    ]);
    await at.query('delete from tenants where id = 42');
    await at.query('alter table orders disable trigger rubicon_freeze_rows_delete'); // and somebody lays hands on the freeze
    await expect(createUndoRemoval({ environment: at.stage.find })(ready)).resolves.toContain(
      '2333 rows of orders point at nothing by orders_tenant_fkey of orders: deleted while they were hidden',
    );
    expect(await count()).toEqual({ orders: 2333, audited: 7000 });
  });
});

describe('a column of another type', () => {
  const rows = () => at.query('select id, amount_text, amount from invoices order by id');

  test('a value that does not fit into the old type is counted as lost before anybody approves, and stops nothing', async () => {
    const narrower = { ...castOneWay.plan, proof: 'removed = replacement' };
    at = await openKindStage({ ...castOneWay, plan: narrower, planDigest: digestOf(narrower) });
    await at.query('alter table invoices alter amount_text type integer using amount_text::integer');
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    await at.query('update invoices set amount = 3000000000 where id = 9');
    await expect(at.assess()).resolves.toMatchObject({ loss: { rows: 1 }, restorable: { rows: 399 } });
    const { restoreRemoved, refillRemoved } = rollbackVerbsOf(at.stage);
    const input = await approveRollback(at.stage, at.prepared, { lossy: true });
    await restoreRemoved(input);
    await expect(refillRemoved(input)).resolves.toMatchObject({ filled: 399 });
    expect((await rows()).filter(({ amount_text: text }) => text === null)).toMatchObject([{ id: 9 }, { id: 1000 }]);
  });

  test('what does not follow comes back where it still fits; the rest is counted, approved, and stays empty', async () => {
    at = await openKindStage(castOneWay);
    await at.query(`update invoices set amount_text = '00' || amount_text where id <= 100`);
    await at.backUp();
    await dropNow(at.stage, at.prepared);
    await at.query('update invoices set amount = 9 where id = 200');
    await at.query('insert into invoices (id, amount) values (2000, 14)');
    await expect(at.assess()).resolves.toMatchObject({
      loss: { rows: 2, becomes: 'empty' },
      restorable: { rows: 399 },
    });
    await expect(takeBackWhileWriting(at, { lossy: false })).rejects.toMatchObject({ type: 'NotDecided' });
    await takeBackWhileWriting(at, { lossy: true });
    const found = await rows();
    expect(found.find(({ id }) => id === 100)).toMatchObject({ amount_text: '00700' });
    expect(found.find(({ id }) => id === 400)).toMatchObject({ amount_text: '2800' });
    const empty = found.filter(({ amount_text: text }) => text === null).map(({ id }) => id);
    expect(empty).toEqual([5, 200, 1000, 2000]);
  });
});
