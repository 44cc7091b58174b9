import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import type { MissingApproval } from '../../contract/run/decisions';
import type { ChangeKind } from '../../contract/run/change';
import type { Question } from '../../contract/run/waiting';
import type { EnvironmentName } from '../../contract/run/names';
import type { RollbackCase } from '../../contract/run/rollback-case';
import { missingText, namesText, neededText } from './approvals';
import { isWithoutLoss, lossLine } from './loss';

/** One line each for the thread of a run in Slack; some of them also for stakeholders. */

export const requestedLine = (gate: string, needs: Record<string, number>, until: string): string =>
  `Approval requested ("${gate}"): ${neededText(needs)}, until ${readableInstant(until)}`;

export const approvedLine = (gate: string, persons: readonly string[]): string =>
  `Approved ("${gate}") by ${namesText(persons)}`;

/** One vote of several. */
export const votedLine = (gate: string, person: string, missing: readonly MissingApproval[]): string =>
  `"${gate}": ${person} has approved; still missing: ${missingText(missing)}`;

/** Of messages that arrived together, the last one's reason. */
export const refusedLine = (count: number, because: string): string =>
  `⚠ ${count === 1 ? 'A vote was' : `${count} votes were`} not counted: ${because}`;

export const questionLine = ({ step, because, recommended }: Question): string =>
  `⚠ ${step} did not succeed: ${because.join(' | ')} (recommended: ${recommended})`;

export const heldLine = (reason: string): string => `On hold: ${reason}`;

export const resumedLine = 'Resumed';

export const answeredLine = (step: string, choice: string, by: string): string =>
  `${step}: "${choice}" was answered by ${by === 'claimed' ? 'someone (claimed)' : by}`;

/** The point of no return is passed. */
export const droppedLine = (removes: readonly string[], target: string): string =>
  `Deleted from production of ${target}: ${removes.join(', ')}`;

export const plannedLine = ({ plan, target, at }: { plan: string; target: string; at: string }): string =>
  `${plan}: production of ${target} is planned to change at ${readableInstant(at)} at the earliest`;

export const rollbackOrderedLine = (reason: string, workflowId: string): string =>
  `Rollback ordered: ${reason}. It asks for its own approval as ${workflowId}`;

export const lossChangedLine = 'What would be lost has changed since the approval: approval is requested again';

export const askedAgainLine = (gate: string, afterMs: number): string =>
  `${gate} of the new keys: no answer within ${readableDuration(afterMs)}; asking again`;

export const reopenedLine = (because: string): string =>
  `Approval is requested again, with new codes, after another look at staging and production: ${because}`;

export const reopenedGateLine = (because: string): string => `Approval is requested again, with new codes: ${because}`;

/** `maintenanceMs`: its hard deadline; undefined = production is changed without maintenance. */
export const changeAheadLine = (change: {
  plan: string;
  target: string;
  at: string;
  maintenanceMs: number | undefined;
}): string => `${changeAtLine(change)}. ${interruption(change.maintenanceMs)}`;

export const changeAtLine = ({ plan, target, at }: { plan: string; target: string; at: string }): string =>
  `${plan}: production of ${target} changes at ${readableInstant(at)}`;

/** What users may notice: the change of release alone, and only where it is done in maintenance. */
const interruption = (maintenanceMs: number | undefined): string =>
  maintenanceMs === undefined
    ? 'No interruption is expected.'
    : `Requests may be refused for a moment, for ${readableDuration(maintenanceMs)} at most.`;

export const undoneLine = (name: EnvironmentName, did: readonly string[]): string =>
  `${name}: undone (${did.join('; ')})`;

export const soakRestartsLine = (because: readonly string[]): string => `Soak starts again: ${because.join(' | ')}`;

export const rollingBackLine = (plan: string, change: ChangeKind, found: Lost): string =>
  `${plan} is being rolled back: ${lossOf(change, found)}`;

type Lost = Pick<RollbackCase, 'loss' | 'backup'>;

/** Also the end of an ending. */
export const lossOf = (change: ChangeKind, { loss, backup }: Lost): string =>
  isWithoutLoss(loss) ? 'no data is lost' : `lost: ${lossLine(loss, change, backup)}`;

export const endedLine = (plan: string, outcome: string, because: string): string => `${plan}: ${outcome}. ${because}`;
