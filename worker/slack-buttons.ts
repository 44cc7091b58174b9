import { setTimeout as rest } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { openClicks, type Clicks } from '../activities/clicks/take-clicks';
import { openSlackClicks, type SlackApp } from '../adapters/slack/clicks';
import { openSlack, SlackError, type SlackSettings } from '../adapters/slack/slack';
import { openSlackSocket, type SlackSocket } from '../adapters/slack/socket';
import { openTemporal } from '../adapters/temporal';
import { findEnvironment, type Settings } from './settings/settings';

type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

const longestWaitMs = 10_000;

/**
 * Hears the buttons of the messages with codes, for as long as this worker of production runs; does nothing where the settings name no
 * app-level token. Nobody else can: a click comes by a socket of the app whose messages hold the codes, and the vote behind it is a code
 * that only this worker can make.
 *
 * @returns stops it: tells those whose click has not reached Temporal
 */
export function startSlackButtons(settings: Settings, client: Client, log: Log): () => Promise<void> {
  const { slack, approvalKey, people, policy } = settings;
  const { token, buttons } = slack.codes ?? {};
  if (token === undefined || buttons === undefined || approvalKey === undefined) return () => Promise.resolve();
  const at: SlackSettings = { token, ...(slack.apiUrl !== undefined && { apiUrl: slack.apiUrl }) };
  const asked = openSlackClicks(at);
  const stop = new AbortController();
  let clicks: Clicks | undefined;
  let socket: SlackSocket | undefined;

  const starting = (async () => {
    const app = await findApp(() => asked.whichApp(), { log, signal: stop.signal });
    if (app === undefined) return;
    if (app.team !== buttons.team) {
      const found = `the token of codes is of ${app.team}`;
      return log.error(`expected slack.codes.buttons.team ${buttons.team}, found that ${found}: buttons do nothing`);
    }
    clicks = openClicks({
      ...{ people, policy, approvalKey, app, clicks: asked, slack: openSlack(at), temporal: openTemporal(client) },
      environment: findEnvironment(settings, 'production'),
      log: (facts, message) => log.warn(facts, message),
    });
    const { take } = clicks;
    socket = openSlackSocket({
      ...{ appToken: buttons.appToken, apiUrl: slack.apiUrl, onInteraction: take },
      onConnected: () => log.info("Slack's buttons are heard"),
      onLost: (because) => log.warn({ because }, "Slack's buttons are not heard: a click shows a fault; trying again"),
    });
  })().catch((error: unknown) => log.error({ error }, "Slack's buttons do nothing: a fault of ours"));
  return async () => {
    stop.abort();
    await starting;
    await socket?.close();
    await clicks?.close();
  };
}

/** Waits for a Slack that is away. Undefined: it refuses, which somebody has to mend, or the worker stops. */
async function findApp(
  ask: () => Promise<SlackApp>,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<SlackApp | undefined> {
  for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await ask();
    } catch (error) {
      const { message, kind, retryAfterMs } = error as SlackError;
      if (!(error instanceof SlackError) || kind === 'refused') {
        log.error({ because: message }, "Slack's buttons do nothing until this worker is started again");
        return undefined;
      }
      log.warn({ because: message }, "Slack's buttons are not heard yet");
      await rest(retryAfterMs ?? waitMs, undefined, { signal }).catch(() => undefined); // stopped
    }
  }
  return undefined;
}
