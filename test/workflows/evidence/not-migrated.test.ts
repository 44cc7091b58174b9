import type { ObservedState } from '../../../contract/run/observed-state';
import { isMigrated, notMigrated } from '../../../workflows/evidence/not-migrated';

const plan = {
  release: { from: 'phase2', to: 'phase3' },
  revision: { table: 'alembic_version', from: '6', to: '7' },
  removes: [{ column: 'sessions.owner_api_key' }],
};

test.each<[string, Partial<ObservedState>, boolean]>([
  ['everything is as before', { data: 'present', revision: '6' }, false],
  ['its entry point has migrated', { data: 'dropped', revision: '7' }, true],
  ['it has set the revision alone', { data: 'present', revision: '7' }, true],
  ['it has dropped the columns alone', { data: 'dropped', revision: '6' }, true],
  ['the revision is not known', { data: 'present' }, true],
])('after a deployment: %s', (_, observed, migrated) => {
  const findings = notMigrated(plan, { row: 'open', data: 'present', ...observed });
  expect(isMigrated(findings)).toBe(migrated);
  expect(findings[0]?.status).toBe(migrated ? 'failed' : 'passed');
  if (migrated) expect(findings[0]?.remedy).toMatch(/^phase3 migrates by itself .*then answer "retry"$/);
});

test('a plan without a revision says nothing of it', () => {
  const { release, removes } = plan;
  expect(notMigrated({ release, removes }, { row: 'open', data: 'dropped' })).toEqual([]);
});
