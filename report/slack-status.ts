import { readableInstant, readableSpan } from '../contract/instant';
import { oneLine } from '../contract/plain-text';
import type { Facts, StepRecord } from '../contract/facts';
import { escapeMrkdwn, mrkdwnCode, mrkdwnLink } from './mrkdwn';
import { context, fitting, header, latestSection, listSection, section } from './slack-message';
import type { SlackBlock, SlackMessage } from './slack-message';
import { stateMark, stepMarks } from './step-marks';

/** The rollout's one message, edited in place: where it is, what it waits for and whom, its steps, its link. */
export function slackStatus(facts: Facts): SlackMessage {
  const title = `${stateMark(facts)} ${oneLine(facts.run.target, 40)}: ${oneLine(nameOf(facts), 80)}`;
  return {
    text: escapeMrkdwn(`${title}: ${facts.outcome ?? facts.phase}`, 300),
    blocks: fitting((characters) => [
      header(title),
      section(stateLines(facts, characters).join('\n')),
      ...latestSection('*Steps*', stepLines(facts.steps, characters)),
      ...listSection(
        '*Troubles*',
        facts.troubles.slice(-3).map((trouble) => `⚠ ${escapeMrkdwn(trouble, characters)}`),
      ),
      footer(facts, characters),
    ]),
  };
}

const nameOf = ({ kind, plan, order }: Facts): string =>
  `${kind === 'rollback' ? 'rollback of ' : ''}${plan?.name ?? order.plan ?? 'a plan'}`;

function stateLines(facts: Facts, characters: number): string[] {
  const text = (value: string): string => escapeMrkdwn(value, characters);
  const { plan, held, waiting, question, outcome, because, phase } = facts;
  if (outcome !== undefined) return [`*Ended: ${outcome}*`, text(because ?? '')];
  return [
    ...(plan === undefined ? [] : [text(plan.does)]),
    `*Phase:* ${phase}${held === undefined ? '' : ` (on hold: ${text(held.reason)})`}`,
    ...(question === undefined
      ? []
      : [
          `*⚠ ${text(question.step)} did not succeed:* ${text(question.because.join(' | '))}`,
          `*State:* ${text(question.state)}   *Loss:* ${text(question.loss)}   *Recommended:* ${text(question.recommended)}`,
        ]),
    ...(waiting === undefined
      ? []
      : [
          `*Waits:* ${text(waiting.sentence)}`,
          `*Who can end it:* ${text(waiting.who)}${waiting.until === undefined ? '' : `, until ${readableInstant(waiting.until)}`}`,
          `*Then:* ${text(waiting.then)}`,
        ]),
  ];
}

const stepLines = (steps: readonly StepRecord[], characters: number): string[] =>
  steps.map(({ name, state, note, startedAt, endedAt }) => {
    const took = endedAt === undefined ? '' : `  (${readableSpan(startedAt, endedAt)})`;
    const detail = note === undefined ? '' : `: ${escapeMrkdwn(note, Math.min(characters, 120))}`;
    return `${stepMarks[state]} ${escapeMrkdwn(name, 80)}${took}${detail}`;
  });

function footer({ requesters, order, plan, link, run, report }: Facts, characters: number): SlackBlock {
  const names = requesters.slice(0, 5).map((name) => escapeMrkdwn(name, 40));
  const reason = order.reason === undefined ? '' : `: ${escapeMrkdwn(order.reason, characters)}`;
  return context(
    `Requested by ${names.join(', ')}${reason}`,
    ...(plan === undefined ? [] : [`Plan digest ${mrkdwnCode(plan.digest.slice(0, 12))}`]),
    link === undefined ? mrkdwnCode(run.workflowId) : mrkdwnLink(link, 'Temporal UI'),
    ...(report === undefined ? [] : [`Report ${mrkdwnCode(report)}`]),
  );
}
