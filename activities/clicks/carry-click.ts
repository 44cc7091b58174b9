import { setTimeout as rest } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { safeMessage } from '../../adapters/programs/secret-text';
import { SlackError } from '../../adapters/slack/slack';
import type { Click } from '../../contract/run/slack-click';
import type { ClickState } from '../../report/slack/slack-click';
import { NotNow, type ClickDeps, type Refused } from './click-deps';
import { clickedGate } from './clicked-gate';
import { clickSignal } from './click-signal';
import { deliverClick, verdictOn } from './deliver-click';
import { whoClicked } from './who-clicked';

/** Hears what becomes of a click, each time that changes; `refuse`: before it was known that it is one. */
export interface ClickTeller {
  say(state: ClickState): void;
  refuse(because: string): void;
}

/** How far it has come. */
type Progress = 'not known' | 'on its way' | 'delivered' | 'over';

/** For the log. */
export const noClick = 'a click does not count';

const longestWaitMs = 10_000;
const answersWithinMs = 10_000;
/** A request is open for less. */
const givesUpAfterMs = 7 * 24 * 3_600_000;

/**
 * Brings a click to its run, for as long as that takes. Guards against a vote that is lost while Slack, the database or Temporal is
 * away, and against one that looks as if it had counted: until the run has answered it says that it has not. Each try looks everything
 * up anew, so that a request which closes meanwhile is found closed. Ends with the signal, and says how far it has come.
 */
export async function carryClick(
  deps: ClickDeps,
  click: Click,
  { say, refuse, signal }: ClickTeller & { signal: AbortSignal },
): Promise<void> {
  let progress: Progress = 'not known';
  const tell = (state: ClickState, now: Progress): void => {
    if (signal.aborted) return; // said below
    if (state.is !== 'on its way' || progress === 'not known') say(state);
    progress = now;
  };
  const over = ({ refused: because }: Refused): void => {
    const { of, by } = click;
    if (progress === 'not known') return refuse(because);
    deps.log({ user: by.user, workflowId: of.workflowId, because }, noClick);
    tell({ is: 'refused', because }, 'over');
  };
  const done = new AbortController();
  await Promise.race([tryUntilDone(deps, click, { tell, over, signal }), aborted(signal, done.signal)]).finally(() =>
    done.abort(),
  );
  const reached = progress as Progress;
  if (signal.aborted && reached === 'delivered') say({ is: 'delivered' });
  if (signal.aborted && reached === 'on its way') say({ is: 'given up', because: stopped });
}

const stopped = 'the worker stopped before Temporal had confirmed it; click again: a person has one vote';

const aborted = (signal: AbortSignal, done: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true, signal: done }));

interface Telling {
  tell: (state: ClickState, now: Progress) => void;
  over: (refused: Refused) => void;
  signal: AbortSignal;
}

async function tryUntilDone(deps: ClickDeps, click: Click, telling: Telling): Promise<void> {
  const { tell, over, signal } = telling;
  const startedAt = Date.now();
  for (let waitMs = 500; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      const state = await tryOnce(deps, click, telling);
      return 'refused' in state ? over(state) : tell(state, 'over');
    } catch (error) {
      if (!(error instanceof NotNow)) throw error;
      if (error.isKnown) tell({ is: 'waiting', because: error.message }, 'on its way');
      deps.log({ workflowId: click.of.workflowId, because: error.message }, 'a click waits');
    }
    if (Date.now() - startedAt > givesUpAfterMs) return over({ refused: 'it has waited for a week' });
    await rest(waitMs, undefined, { signal }).catch(() => undefined); // the worker stops
  }
}

/** @throws NotNow for what may answer later */
async function tryOnce(deps: ClickDeps, click: Click, { tell }: Telling): Promise<ClickState | Refused> {
  const person = await asking('Slack', false, () => whoClicked(deps, click));
  if ('refused' in person) return person;
  tell({ is: 'on its way' }, 'on its way');
  const clicked = await asking('the database of production', true, () => clickedGate(deps, click, person));
  if ('refused' in clicked) return clicked;
  const message = clickSignal(click, person.name, clicked);
  if ('refused' in message) return message;
  const delivered = await asking('Temporal', true, () => deliverClick(deps, click, message));
  if ('refused' in delivered) return delivered;
  tell({ is: 'delivered' }, 'delivered');
  const { action, of } = click;
  deps.log({ person: person.name, action, workflowId: of.workflowId, gate: of.gate }, 'a click was delivered');
  return verdictOn(deps, delivered, { ...message, person: person.name });
}

/** @param isKnown whether it is certain who has clicked what */
async function asking<T>(whom: string, isKnown: boolean, work: () => Promise<T | Refused>): Promise<T | Refused> {
  const late = new AbortController();
  const silence = rest(answersWithinMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`none within ${answersWithinMs / 1_000} s`);
  });
  silence.catch(() => undefined);
  try {
    return await Promise.race([work(), silence]);
  } catch (error) {
    const isFinal =
      error instanceof SlackError
        ? error.kind === 'refused'
        : error instanceof ApplicationFailure && error.nonRetryable === true;
    if (isFinal) return { refused: safeMessage(error) };
    throw new NotNow(`${whom} does not answer (${safeMessage(error)})`, isKnown);
  } finally {
    late.abort();
  }
}
