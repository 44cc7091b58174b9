import { missingApprovals } from '../../contract/run/decisions';
import { finding, type Finding } from '../../contract/run/findings';
import type { Person } from '../decisions/policy';

/** Whether enough people can approve: with a needed role, with a Slack id to send the code to, and not requesters. */
export function checkQuorum(
  needs: Record<string, number>,
  people: readonly Person[],
  requesters: readonly string[],
): Finding {
  const voters = people.filter(({ name, slackId }) => slackId !== undefined && !requesters.includes(name));
  const missing = missingApprovals(needs, voters);
  const wanted = Object.entries(needs).map(([role, count]) => `${count} of ${role}`);
  return finding('quorum', missing.length === 0, {
    expected: `${wanted.join(', ')} who can be told and did not ask for it`,
    found: missing.length === 0 ? 'enough of them' : `${missing.join(', ')} needed, without ${requesters.join(', ')}`,
    remedy: 'let someone else order it, or give people of the settings this role and a Slack id',
  });
}
