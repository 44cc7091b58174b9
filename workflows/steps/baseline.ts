import { environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import type { Loaded } from '../../contract/activities/loaded';

/** What production does before anything is changed: what approvers and the report compare with. */
export async function captureBaseline(journal: Journal, { planDigest, target }: Loaded): Promise<void> {
  const look = (): ReturnType<ReturnType<typeof environment>['captureBaseline']> =>
    environment('production').captureBaseline({ target, planDigest });
  journal.facts.baseline = await journal.step({ name: 'baseline' }, look, {
    note: ({ queries, requests }) =>
      [
        ...queries.map(({ name, p95Ms }) => `${name}: p95 ${p95Ms.toFixed(1)} ms`),
        requests === undefined ? 'requests: not covered' : `requests: p95 ${requests.p95Ms.toFixed(0)} ms`,
      ].join(', '),
  });
}
