import { z } from 'zod';
import { faultsOf } from '../text/faults';
import { actionOfId, needsReason, readButtonValue, type ButtonAction, type ButtonTarget } from './slack-button';

/**
 * What Slack sends when somebody clicks a button, or sends the dialog behind it. All of it is untrusted until it was looked up: who
 * that is and which message it was is asked of Slack itself, what it was about of the database.
 */

/** A click as it claims to be. */
export interface Click {
  /** The same when it is delivered again. */
  id: string;
  action: ButtonAction;
  of: ButtonTarget;
  /** Ids of Slack. */
  by: { user: string; team: string; app: string };
  /** The message that has the button. */
  at: { channel: string; ts: string };
  /** With it a dialog can be opened, for 3 s. Absent: it comes from one. */
  trigger?: string;
  /** What was written into the dialog; may say nothing. Absent: there was none. */
  reason?: string;
}

const id = z.string().regex(/^[A-Z][A-Z0-9]{1,40}$/);
const ts = z.string().regex(/^\d{1,12}\.\d{1,8}$/);
const place = { channel: z.string().regex(/^[CDG][A-Z0-9]{1,60}$/), ts };
const by = { user: z.object({ id, team_id: id.optional() }), team: z.object({ id }), api_app_id: id };

const pressed = z.object({
  type: z.literal('block_actions'),
  ...by,
  trigger_id: z.string().min(1).max(500),
  container: z.object({ type: z.literal('message'), channel_id: place.channel, message_ts: ts }),
  channel: z.object({ id: place.channel }),
  message: z.object({ ts, app_id: id.optional() }),
  actions: z
    .array(
      z.object({
        type: z.literal('button'),
        action_id: z.string().max(255),
        action_ts: ts,
        value: z.string().max(2_000),
      }),
    )
    .length(1),
});

/** The names of the only field of a dialog, under which Slack keeps what was written. */
export const reasonBlock = 'rubicon-reason';
export const reasonField = 'reason';

const sent = z.object({
  type: z.literal('view_submission'),
  ...by,
  view: z.object({
    id,
    callback_id: z.string().max(255),
    private_metadata: z.string().max(3_000),
    app_id: id.optional(),
    team_id: id.optional(),
    state: z.object({
      values: z.object({
        [reasonBlock]: z.object({ [reasonField]: z.object({ value: z.string().max(3_000).nullish() }) }),
      }),
    }),
  }),
});

/** What a dialog keeps of the click that has opened it. */
const kept = z.strictObject({ value: z.string().max(2_000), ...place });

/** For the `private_metadata` of a dialog. */
export const keepClick = (value: string, { channel, ts }: Click['at']): string =>
  JSON.stringify({ value, channel, ts });

/** Why it is none of ours, or not what Slack sends. */
export interface NoClick {
  refused: string;
}

/** A click, or why it is none; undefined: something else of Slack, which is not for us. Never throws. */
export function readClick(payload: unknown): Click | NoClick | undefined {
  const type = typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : undefined;
  if (type === 'block_actions') return readPressed(payload);
  if (type === 'view_submission') return readSent(payload);
  return undefined;
}

function readPressed(payload: unknown): Click | NoClick {
  const parsed = pressed.safeParse(payload);
  if (!parsed.success) return notAsSent(parsed.error);
  const { user, team, api_app_id: app, container, channel, message, actions, trigger_id: trigger } = parsed.data;
  const [button] = actions;
  const action = button && actionOfId(button.action_id);
  const of = button && readButtonValue(button.value);
  if (button === undefined || action === undefined || of === undefined) return { refused: noButton };
  if (container.channel_id !== channel.id || container.message_ts !== message.ts)
    return { refused: 'expected a button of one message, found two messages' };
  if (otherTeam(user, team) || (message.app_id ?? app) !== app) return { refused: mixed };
  const at = { channel: channel.id, ts: message.ts };
  const click = ['pressed', user.id, at.channel, at.ts, button.action_id, button.action_ts];
  return { id: click.join(' '), action, of, by: { user: user.id, team: team.id, app }, at, trigger };
}

function readSent(payload: unknown): Click | NoClick {
  const parsed = sent.safeParse(payload);
  if (!parsed.success) return notAsSent(parsed.error);
  const { user, team, api_app_id: app, view } = parsed.data;
  const action = actionOfId(view.callback_id);
  const { value, channel, ts } = readKept(view.private_metadata) ?? {};
  const of = value === undefined ? undefined : readButtonValue(value);
  if (action === undefined || !needsReason(action) || of === undefined || channel === undefined || ts === undefined)
    return { refused: noButton };
  if (otherTeam(user, team) || (view.app_id ?? app) !== app || (view.team_id ?? team.id) !== team.id)
    return { refused: mixed };
  const reason = view.state.values[reasonBlock][reasonField].value ?? '';
  return {
    ...{ id: `sent ${view.id}`, action, of, reason },
    ...{ by: { user: user.id, team: team.id, app }, at: { channel, ts } },
  };
}

/** Whoever writes from another workspace has its id. */
const otherTeam = (user: { team_id?: string | undefined }, team: { id: string }): boolean =>
  user.team_id !== undefined && user.team_id !== team.id;

function readKept(text: string): z.infer<typeof kept> | undefined {
  try {
    return kept.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const noButton = 'expected a button of a request, found another one';
const mixed = 'expected one workspace and one app, found two';

function notAsSent(error: z.ZodError): NoClick {
  const [{ place, message } = { place: '', message: '' }] = faultsOf(error);
  return { refused: `expected a click as Slack sends it, found a fault (${place}: ${message})`.slice(0, 300) };
}
