import { policies, policyOf, type PolicyOfEach } from '../../../workflows/journal/policies';

test('an activity that nobody has sorted in does not compile', () => {
  const { drop: _, ...others } = policyOf;
  // @ts-expect-error: there is no default, so the drop lacks its policy
  const lacking: PolicyOfEach = others;
  expect(Object.keys(lacking)).toHaveLength(Object.keys(policyOf).length - 1);
});

test('one that is no activity does not compile either', () => {
  // @ts-expect-error: nothing of this name can be called
  const more: PolicyOfEach = { ...policyOf, dropAll: 'read' };
  expect(more).toMatchObject({ drop: 'ddl' });
});

test('what changes a database is tried once: the journal looks first and schedules it again', () => {
  const tried = Object.entries(policyOf).filter(([, policy]) => policy === 'change' || policy === 'ddl');
  expect(tried.length).toBeGreaterThan(15);
  for (const [name, policy] of tried)
    expect({ name, retry: policies[policy].retry }).toEqual({ name, retry: { maximumAttempts: 1 } });
});
