import { setMaxListeners } from 'node:events';
import { needsReason } from '../../contract/run/slack-button';
import { readClick, type Click } from '../../contract/run/slack-click';
import { slackNoClick } from '../../report/slack/slack-click';
import { reasonFault, slackDialog } from '../../report/slack/slack-dialog';
import { SlackError } from '../../adapters/slack/slack';
import type { Interaction } from '../../adapters/slack/socket';
import { carryClick, noClick } from './carry-click';
import type { ClickDeps } from './click-deps';
import { openClickLine } from './click-line';
import { whoClaims } from './who-clicked';

/** Takes what Slack sends, for as long as the worker runs. */
export interface Clicks {
  /** Acknowledges at once and works on afterwards. Never throws, whatever the payload is. */
  take(interaction: Interaction): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Tells those whose click has not reached Temporal. Waits 5 s at most. */
  close(): Promise<void>;
}

/** What is remembered of clicks, so that one which is delivered again is done once; older ones a run counts once by itself. */
const mostRemembered = 5_000;
/** Nobody clicks so much. */
const mostUnderWay = 100;

export function openClicks(deps: ClickDeps): Clicks {
  const seen = new Set<string>();
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  setMaxListeners(2 * mostUnderWay, stop.signal);

  const start = (click: Click): void => {
    const { action, of, by } = click;
    const isAsking = needsReason(action) && click.reason === undefined;
    const work = (isAsking ? openDialog(deps, click) : carryOut(deps, click, stop.signal)).catch((error: unknown) => {
      const because = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
      deps.log({ action, workflowId: of.workflowId, user: by.user, because }, 'a click could not be carried out');
    });
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  };

  const idle = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay);
  };

  return {
    take({ payload, acknowledge }) {
      const click = readClick(payload);
      if (click === undefined) return acknowledge();
      if ('refused' in click) {
        acknowledge();
        return deps.log({ because: click.refused }, noClick);
      }
      const fault = click.reason === undefined ? undefined : reasonFault(click.reason);
      acknowledge(fault); // within 3 s, whatever it takes to carry it out
      if (fault !== undefined || seen.has(click.id)) return;
      seen.add(click.id);
      if (seen.size > mostRemembered) seen.delete(seen.values().next().value ?? '');
      if (underWay.size < mostUnderWay) return start(click);
      deps.log({ user: click.by.user }, 'more clicks than anybody makes: this one was left out');
    },
    idle,
    async close() {
      stop.abort();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, 5_000)));
      await Promise.race([idle(), late]);
      clearTimeout(timer);
    },
  };
}

async function openDialog(deps: ClickDeps, click: Click): Promise<void> {
  const person = whoClaims(deps, click);
  if ('refused' in person) return refuse(deps, click, person.refused);
  try {
    await deps.clicks.openDialog(click.trigger ?? '', slackDialog(click));
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    await refuse(deps, click, `its dialog could not be opened (${error.message}); click again`);
  }
}

async function carryOut(deps: ClickDeps, click: Click, signal: AbortSignal): Promise<void> {
  const { say, ended } = openClickLine(deps, click);
  let refusing: Promise<void> | undefined;
  const teller = { say, refuse: (because: string) => void (refusing = refuse(deps, click, because)) };
  await carryClick(deps, click, { ...teller, signal });
  await Promise.all([ended(), refusing]);
}

/** To the clicker, if it is one of our own workspace and app; else only into the log. */
async function refuse(deps: ClickDeps, { by, at, action, of }: Click, because: string): Promise<void> {
  const { user, team, app } = by;
  deps.log({ user, team, app, action, workflowId: of.workflowId, because }, noClick);
  if (team !== deps.app.team || app !== deps.app.app) return;
  const message = slackNoClick(because);
  await deps.clicks.tellAlone({ channel: at.channel, user, ...message }).catch((error: unknown) => {
    if (!(error instanceof SlackError)) throw error; // whoever it is, it does not count
  });
}
