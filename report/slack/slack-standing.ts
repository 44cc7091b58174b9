import type { MissingApproval } from '../../contract/run/decisions';
import { missingText, namesText } from '../run/approvals';
import { withoutCode } from '../run/fitting-event';
import { escapeMrkdwn } from './mrkdwn';
import { section, type SlackBlock } from './slack-message';

/** What has become of a request, for one person who got a message about it. */
export interface Standing {
  /** Those whose codes are right, and what is missing beside them. */
  by: readonly string[];
  missing: readonly MissingApproval[];
  /** Nobody can decide it any more. */
  isOver: boolean;
  /** This person has. */
  hasVoted: boolean;
  /** State of the run in the database of production, where it is more than "open". Absent = it is not. */
  record?: 'dropped' | 'aborted';
  /** What the run says: Temporal's word, which nobody has checked. */
  said: readonly string[];
}

/** Whether this person can still decide: then the message has a code and says how. */
export const canDecide = (standing: Standing | undefined): boolean =>
  standing === undefined || !(standing.isOver || standing.hasVoted);

/** The first lines of a message that has been overtaken; nothing has yet = none. */
export function standingBlocks(standing: Standing | undefined, characters: number): SlackBlock[] {
  if (standing === undefined) return [];
  const { record, said } = standing;
  const lines = [
    ...votesLines(standing, characters),
    ...(record === undefined ? [] : [`*In the database of production:* ${record}`]),
    ...said.map((line) => `*The run says:* ${escapeMrkdwn(withoutCode(line), characters)}`),
  ];
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

function votesLines({ by, missing, isOver, hasVoted }: Standing, characters: number): string[] {
  const names = escapeMrkdwn(namesText(by), characters);
  if (missing.length === 0) return [`✓ *Approved* by ${names}.`];
  if (isOver) return [`○ *Closed* ${by.length === 0 ? 'without an approval' : `; approved by ${names} alone`}.`];
  if (by.length === 0) return [];
  const rest = escapeMrkdwn(missingText(missing), characters);
  return [`${hasVoted ? '✓ *You have approved.* ' : ''}Approved so far by ${names}. Still missing: ${rest}.`];
}
