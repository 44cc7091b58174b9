import { activityInfo } from '@temporalio/activity';
import { postWebhook, type WebhookAnswer } from '../../adapters/webhook/webhook';
import type { RunEvent } from '../../contract/run/run-event';
import type { Channels } from './channels';
import { later, never } from './delivery-failure';

/** The body of a webhook, as docs/events.md has it; `schemas/event.schema.json` describes it. */
export const bodyOf = ({ id, type, at, run, text, link, data }: RunEvent): string =>
  JSON.stringify({ id, type, timestamp: at, data: { text, ...(link !== undefined && { link }), run, ...data } });

/** @throws ApplicationFailure unless the receiver has taken it */
export async function sendWebhook({ webhooks = [] }: Channels, event: RunEvent, name: string): Promise<void> {
  const hook = webhooks.find((each) => each.name === name);
  if (hook === undefined) throw never(`expected the webhook ${name} in the settings, found none; it is told no more`);
  const answer = await postWebhook(hook, { id: event.id, body: bodyOf(event) });
  const { status } = answer;
  if (status !== undefined && status >= 200 && status < 300) return;
  throw failureOf(name, answer);
}

/** Somebody who refuses one event for so long refuses it for good; others wait behind it. */
const refusedForMs = 3_600_000;

/** `Gone` means "no more" (Standard Webhooks); all else may be mended there. */
function failureOf(name: string, { status, failure, retryAfterMs }: WebhookAnswer): Error {
  const message = `expected status 2xx from the webhook ${name}, found ${failure ?? status ?? 'nothing'}`;
  if (status === 410) return never(`${message}, which means "no more"; remove it from the settings`);
  const isRefused = status !== undefined && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  const triedForMs = Date.now() - (activityInfo().scheduledTimestampMs || Date.now());
  if (isRefused && triedForMs > refusedForMs) return never(`${message} for an hour; look into the receiver's log`);
  if (status !== undefined && status >= 300 && status < 400)
    return later(`${message}: no redirect is followed; name the right address in the settings`);
  return later(`${message}; it is tried again`, retryAfterMs);
}
