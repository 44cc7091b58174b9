import { runLink } from '../../../report/temporal-ui/run-link';

test('a link leads to the current details of one run', () => {
  expect(runLink('http://ui/namespaces/default/', { workflowId: 'agent-api/x/2026-11', runId: 'r' })).toBe(
    'http://ui/namespaces/default/workflows/agent-api%2Fx%2F2026-11/r/user-metadata',
  );
});
