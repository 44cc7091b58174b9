import type { ButtonAction } from '../../contract/run/slack-button';
import { escapeMrkdwn } from './mrkdwn';
import { labelOf } from './slack-buttons';
import { section } from './slack-message';
import type { SlackMessage } from './slack-message';

/**
 * What has become of a click. Until the run itself has answered, nothing here may be read as if the click had counted: the process that
 * writes it may be gone in the next moment.
 */
export type ClickState =
  | { is: 'on its way' }
  /** Tried again and again. */
  | { is: 'waiting'; because: string }
  /** By the run. */
  | { is: 'counted'; because: string }
  | { is: 'refused'; because: string }
  /** Temporal has it; the run has not answered yet. */
  | { is: 'delivered' }
  /** Nobody tries it any more. */
  | { is: 'given up'; because: string };

/** One line below the request, which is changed until it says how it ended. */
export function slackClick(action: ButtonAction, state: ClickState): SlackMessage {
  const text = `${marks[state.is]} *${labelOf(action, { purpose: 'approve' })}*: ${sentence(state)}`;
  return { text, blocks: [section(text)] };
}

/** For a click that is none: to its clicker alone. */
export function slackNoClick(because: string): SlackMessage {
  const text = `✗ This click does not count: ${escapeMrkdwn(because, 600)}`;
  return { text, blocks: [section(text)] };
}

const marks: Record<ClickState['is'], string> = {
  'on its way': '◷',
  waiting: '◷',
  counted: '✓',
  refused: '✗',
  delivered: '◷',
  'given up': '✗',
};

function sentence(state: ClickState): string {
  switch (state.is) {
    case 'on its way':
      return 'on its way, *not counted yet*. If this line still says so in a minute, click again, or send your code.';
    case 'waiting':
      return `*not counted yet*: ${said(state.because)}. It is tried again until the request expires; you need not click again while this worker runs. If it must be now, send your code.`;
    case 'counted':
      return said(state.because);
    case 'refused':
      return `does not count: ${said(state.because)}`;
    case 'delivered':
      return 'delivered to Temporal; the run has *not answered yet* (is a control worker running?). It answers in its own messages.';
    case 'given up':
      return `*not known to have counted*: ${said(state.because)}`;
  }
}

const said = (because: string): string => escapeMrkdwn(because, 600);
