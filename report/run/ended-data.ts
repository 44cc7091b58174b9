import type { Facts } from '../../contract/run/facts';
import type { EventData } from '../../contract/run/run-event';

/** How a run ended, for those beyond Slack. */
export const endedData = ({ outcome, because, votes, announced, report }: Facts): EventData<'run.ended'> => ({
  outcome: outcome ?? 'stopped',
  because: because ?? '',
  approvedBy: [...new Set(votes.map(({ person }) => person))],
  announced: announced !== undefined,
  ...(report !== undefined && { report }),
});
