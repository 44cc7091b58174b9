import { readableInstant, readableSpan } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import type { ShownStatus, ShownStep } from '../../contract/activities/shown-status';
import { escapeMrkdwn, mrkdwnCode, mrkdwnLink } from './mrkdwn';
import { context, fitting, header, latestSection, listSection, section } from './slack-message';
import type { SlackBlock, SlackMessage } from './slack-message';
import { stateMark, stepMarks } from '../step-marks';

/** The rollout's one message, edited in place: where it is, what it waits for and whom, its steps, its link. */
export function slackStatus(facts: ShownStatus): SlackMessage {
  const title = `${stateMark(facts)} ${oneLine(facts.run.target, 40)}: ${oneLine(nameOf(facts), 80)}`;
  return {
    text: escapeMrkdwn(`${title}: ${facts.outcome ?? facts.phase}`, 300),
    blocks: fitting((characters) => [
      header(title),
      section(stateLines(facts, characters).join('\n')),
      ...latestSection('*Steps*', stepLines(facts.steps, characters)),
      ...listSection(
        '*Troubles*',
        facts.warnings.slice(-3).map((problem) => `⚠ ${escapeMrkdwn(problem, characters)}`),
      ),
      footer(facts, characters),
    ]),
  };
}

const nameOf = ({ kind, plan, order }: ShownStatus): string =>
  `${kind === 'rollback' ? 'rollback of ' : ''}${plan?.name ?? order.plan ?? 'a plan'}`;

function stateLines(facts: ShownStatus, characters: number): string[] {
  const text = (value: string): string => escapeMrkdwn(value, characters);
  const { plan, held, outcome, because, phase } = facts;
  if (outcome !== undefined) return [`*Ended: ${outcome}*`, text(because ?? '')];
  return [
    ...(plan === undefined ? [] : [text(plan.does)]),
    `*Phase:* ${phase}${held === undefined ? '' : ` (on hold: ${text(held.reason)})`}`,
    ...(facts.question === undefined ? waitLines(facts, text) : questionLines(facts, text)),
  ];
}

type Text = (value: string) => string;

/** What is waited for is the answer; what is wrong is said once. */
function questionLines({ question, waiting }: ShownStatus, text: Text): string[] {
  if (question === undefined) return [];
  const { step, because, state, loss, recommended, ifNobodyAnswers } = question;
  return [
    `*⚠ ${text(step)} did not succeed:* ${text(because.join(' | '))}`,
    `*State:* ${text(state)}`,
    `*Loss:* ${text(loss)}`,
    `*Recommended answer:* ${text(recommended)}`,
    ...(waiting === undefined ? [] : [`*Who can answer:* ${text(waiting.who)}`]),
    `*If no one does:* ${text(ifNobodyAnswers)}`,
  ];
}

function waitLines({ waiting }: ShownStatus, text: Text): string[] {
  if (waiting === undefined) return [];
  const { sentence, who, until, then } = waiting;
  return [
    `*Waits for:* ${text(sentence)}`,
    `*Who can end it:* ${text(who)}${until === undefined ? '' : `, until ${readableInstant(until)}`}`,
    `*Then:* ${text(then)}`,
  ];
}

const stepLines = (steps: readonly ShownStep[], characters: number): string[] =>
  steps.map(({ name, state, note, startedAt, endedAt }) => {
    const took = endedAt === undefined ? '' : `  (${readableSpan(startedAt, endedAt)})`;
    // What is asked about stands above.
    const detail = note === undefined || state === 'asking' ? '' : `: ${escapeMrkdwn(note, Math.min(characters, 120))}`;
    return `${stepMarks[state]} ${escapeMrkdwn(name, 80)}${took}${detail}`;
  });

function footer({ requesters, order, plan, link, run, report }: ShownStatus, characters: number): SlackBlock {
  const names = requesters.slice(0, 5).map((name) => escapeMrkdwn(name, 40));
  const reason = order.reason === undefined ? '' : `: ${escapeMrkdwn(order.reason, characters)}`;
  return context(
    `Requested by ${names.join(', ')}${reason}`,
    ...(plan === undefined ? [] : [`Plan digest ${mrkdwnCode(plan.digest.slice(0, 12))}`]),
    link === undefined ? mrkdwnCode(run.workflowId) : mrkdwnLink(link, 'Temporal UI'),
    ...(report === undefined ? [] : [`Report ${mrkdwnCode(report)}`]),
  );
}
