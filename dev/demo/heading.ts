import { runLink } from '../../report/temporal-ui/run-link';
import { hyperlink } from '../../client/picture/hyperlink';
import { fact, labelled, type Canvas } from '../../client/picture/picture';
import type { Stage, Story } from '../stories/story';
import type { Stack } from '../stack/stack';
import { stackChannels, stackPeople } from '../stack/people';

/** The first lines. */
export const heading = ({ title }: Story, { colors }: Canvas): string =>
  `\n  ${colors.bold('Rubicon demo')}: ${title}\n  ${colors.dim('Everything is real, on this machine, and gone afterwards.')}\n`;

/** Where to look while it runs. */
export function linksOf({ stack, workflowId }: Stage, runId: string, canvas: Canvas): string {
  const { temporal, slack } = stack;
  const wide = { ...canvas, columns: 1_000 };
  const temporalUi = `${temporal.uiUrl}/namespaces/${temporal.namespace}`;
  const pagesOf = (role: string): string =>
    stackPeople
      .filter(({ roles }) => (roles as readonly string[]).includes(role))
      .map(({ name, slackId }) => `${name} ${hyperlink(`${slack.pageUrl}c/${slackId}`, canvas)}`)
      .join('  ');
  return [
    '',
    fact('run', workflowId, wide),
    labelled('Temporal', hyperlink(runLink(temporalUi, { workflowId, runId }), canvas), canvas),
    labelled('Slack', hyperlink(`${slack.pageUrl}c/${stackChannels[0].id}`, canvas), canvas),
    labelled('approvers', pagesOf('approver'), canvas),
    labelled('on call', pagesOf('on-call'), canvas),
    '',
  ].join('\n');
}

/** For those who play the people themselves. */
export function howToWait({ stack, workflowId }: Stage): string {
  const { address, namespace } = stack.temporal;
  return `  You are the people. When the approval opens, read the direct message of each approver (links above) and send the
  signal that it shows: in Temporal UI (More Actions → Send a Signal), or in another terminal, in this folder:

    export TEMPORAL_ADDRESS=${address} TEMPORAL_NAMESPACE=${namespace}
    npx rubicon status ${workflowId}
    npx rubicon approve ${workflowId}         # asks for the code
    npx rubicon answer ${workflowId} retry    # when a step asks, such as a load test on a busy machine
`;
}

/** What to do when the stack does not start. */
export function startFault(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  return [
    '',
    '  The local stack could not be started; what had started was stopped.',
    '',
    '  expected  every server, the application and the worker to answer within 90 s',
    ...lines.map((line, index) => `  ${index === 0 ? 'found   ' : '        '}  ${line}`),
    '  to do     run `npm run setup`, which says what is missing; see that about 1.5 GB of memory and of the folder for',
    '            temporary files are free; on a busy machine try again',
    '',
  ].join('\n');
}

/** After the end, with `--stay`. */
export const stayText = ({ folder }: Stack): string =>
  `\n  Everything is still running (${folder}). Look around; Ctrl-C ends it.\n`;
