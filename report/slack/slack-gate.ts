import type { Gate } from '../../contract/run/decisions';
import type { GateEvidence, GatePlan } from '../../contract/run/gate-evidence';
import { readableInstant } from '../../contract/text/instant';
import { oneLine } from '../../contract/text/plain-text';
import { neededText } from '../run/approvals';
import { charactersFor } from '../gates/gate-part';
import type { GatePart } from '../gates/gate-part';
import { gateText } from '../gates/gate-text';
import { escapeMrkdwn, mrkdwnCode } from './mrkdwn';
import { buttonBlocks } from './slack-buttons';
import { codeSections, decideSections } from './slack-decide';
import type { GateCode } from './slack-decide';
import { context, fitting, header, listSection, section } from './slack-message';
import type { SlackBlock, SlackMessage } from './slack-message';
import { canDecide, standingBlocks, type Standing } from './slack-standing';

export interface GateMessage extends GateCode {
  gate: Gate;
  evidence: GateEvidence;
  plan: GatePlan;
  /** Absent = it has just been asked. */
  standing?: Standing;
  /** Whether somebody hears of a click. Default: no one does, and there are none. */
  hasButtons?: boolean;
}

/**
 * The direct message of a gate: everything that one approver needs to decide, and the code that is worth their vote.
 * The notification text holds no code: it is shown on locked screens.
 */
export function slackGate({
  gate,
  evidence,
  plan,
  code,
  rejection,
  sealed,
  standing,
  hasButtons = false,
}: GateMessage): SlackMessage {
  const { title, parts } = gateText(gate, evidence);
  const what = `${oneLine(gate.target, 40)}: ${oneLine(plan.name, 70)}`;
  const asked = standing?.isOver === true ? `Closed: ${what}` : `${title}${/[?]$/.test(title) ? '' : ':'} ${what}`;
  const given: GateCode = {
    ...(code !== undefined && { code }),
    ...(rejection !== undefined && { rejection }),
    ...(sealed && { sealed }),
  };
  return {
    text: escapeMrkdwn(standing?.isOver === true ? asked : `${asked}, until ${readableInstant(gate.expiresAt)}`, 300),
    blocks: fitting((characters) => [
      header(asked),
      ...standingBlocks(standing, characters),
      section([subject(evidence, plan), orderLine(gate, evidence, characters)].join('\n')),
      ...parts.flatMap((part) => partBlocks(part, characters)),
      ...(canDecide(standing)
        ? [
            ...(hasButtons ? buttonBlocks(gate, evidence) : []),
            ...codeSections(given),
            ...decideSections(gate, evidence.link, given),
          ]
        : []),
      bindingContext(gate),
    ]),
  };
}

/** A rollback undoes what the plan did. */
const subject = ({ about }: GateEvidence, { does }: GatePlan): string =>
  `${about === 'rollback' || about === 'new keys' ? '*Rolls back:* ' : ''}${escapeMrkdwn(does)}`;

const orderLine = (
  { requesters }: Gate,
  { reason, requesterIsClaimed, authors = [] }: GateEvidence,
  characters: number,
): string => {
  const because = reason === undefined ? '' : `: ${escapeMrkdwn(reason, characters)}`;
  const claimed = requesterIsClaimed === true ? ' (claimed: Temporal has not checked who it was)' : '';
  const asked = requesters.filter((name) => !authors.includes(name) || requesters.length === 1);
  const by = authors.length === 0 ? '' : `. *Plan by* ${escapeMrkdwn(authors.join(', '), characters)}`;
  return `*Requested by* ${escapeMrkdwn(asked.join(', '), characters)}${claimed}${because}${by}`;
};

function partBlocks({ title, lines }: GatePart, characters: number): SlackBlock[] {
  const [only] = lines;
  const most = charactersFor({ title, lines }, characters);
  if (only !== undefined && lines.length === 1)
    return [section(`*${escapeMrkdwn(title, 80)}:* ${escapeMrkdwn(only, most)}`)];
  const bullets = lines.map((line) => `• ${escapeMrkdwn(line, most)}`);
  return listSection(`*${escapeMrkdwn(title, 80)}*`, bullets);
}

/** What a vote is worth, and for how long. */
const bindingContext = ({ needs, expiresAt, planDigest, evidenceDigest }: Gate): SlackBlock =>
  context(
    `Requires ${escapeMrkdwn(neededText(needs), 300)}, none from a requester. Expires ${readableInstant(expiresAt)}.`,
    `A vote is valid for this request only: plan ${mrkdwnCode(planDigest.slice(0, 12))}, what is shown here ` +
      `${mrkdwnCode(evidenceDigest.slice(0, 12))}, and this production server. If any of them changes, the vote is void.`,
  );
