import { keepClick, reasonBlock, reasonField, type Click } from '../../contract/run/slack-click';
import { actionId, buttonValue, type ButtonAction } from '../../contract/run/slack-button';
import { saysSomething } from '../../contract/text/plain-text';
import { escapeMrkdwn, mrkdwnCode } from './mrkdwn';
import { section } from './slack-message';

/** A dialog of Slack, as `views.open` takes it. */
export interface SlackDialog {
  readonly type: 'modal';
  readonly [field: string]: unknown;
}

/** Asks why. It keeps which request it is about; who sends it, and whether they may, is looked up then. */
export function slackDialog({ action, of, at }: Click): SlackDialog {
  const { title, does } = texts[action];
  return {
    type: 'modal',
    callback_id: actionId(action),
    private_metadata: keepClick(buttonValue(of) ?? '', at),
    title: plain(title),
    submit: plain(title.slice(0, 24)),
    close: plain('Not now'),
    blocks: [
      section(`*${escapeMrkdwn(of.target, 80)}* ${mrkdwnCode(of.workflowId)}\n${does}`),
      {
        type: 'input',
        block_id: reasonBlock,
        label: plain('Why?'),
        hint: plain('Everyone who follows the run reads it, and so does whoever reads its report.'),
        element: { type: 'plain_text_input', action_id: reasonField, multiline: true, max_length: 1_900 },
      },
    ],
  };
}

/** What a dialog shows whose reason says nothing; undefined: it says something. */
export const reasonFault = (
  reason: string,
): { response_action: 'errors'; errors: Record<string, string> } | undefined =>
  saysSomething(reason)
    ? undefined
    : { response_action: 'errors', errors: { [reasonBlock]: 'Expected a reason in words.' } };

const texts: Record<ButtonAction, { title: string; does: string }> = {
  approve: { title: 'Approve', does: 'One vote, yours.' },
  reject: {
    title: 'Reject',
    does: 'Ends the run at once, however many have approved. Nothing is changed in production.',
  },
  hold: {
    title: 'Hold',
    does: 'The run stops at the next safe point, outside maintenance, until someone resumes it. Approvals keep ageing.',
  },
  abort: {
    title: 'Abort',
    does: 'Before the point of no return everything is undone and the run ends. After it, this is refused.',
  },
  'answer-retry': { title: 'Retry', does: 'Checks again and repeats this step.' },
  'answer-accept': {
    title: 'Accept',
    does: 'The run continues despite what was found. Your name and reason are kept.',
  },
  'answer-abort': { title: 'Abort', does: 'Everything is undone and the run ends.' },
  'answer-rollback': { title: 'Roll back', does: 'Orders a rollback, which asks for its own approval.' },
};

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
