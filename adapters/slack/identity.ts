import { answered } from './answered';
import type { SlackConnection } from './connection';

/** Whose token it is. Two tokens of one app have the same `userId`. */
export interface SlackIdentity {
  /** Name of the workspace. */
  readonly team: string;
  /** Name of the app's user. */
  readonly app: string;
  /** Id of the app's user: who its messages are by. */
  readonly userId: string;
  /** Id of the workspace. */
  readonly teamId: string;
  /** May look up whether somebody is a guest or has left; true also if Slack does not say. */
  readonly readsUsers: boolean;
  /** Scopes that this adapter needs and the token lacks. Empty if Slack does not say what the token has. */
  readonly missingScopes: readonly string[];
}

/** From the answer of `auth.test`. */
export function toIdentity(answer: Awaited<ReturnType<SlackConnection['client']['auth']['test']>>): SlackIdentity {
  const scopes = answer.response_metadata?.scopes;
  const lacks = (scope: string) => scopes !== undefined && !scopes.includes(scope);
  return {
    team: answered('auth.test', answer.team),
    app: answered('auth.test', answer.user),
    userId: answered('auth.test', answer.user_id),
    teamId: answered('auth.test', answer.team_id),
    readsUsers: !lacks('users:read'),
    missingScopes: [
      ...['chat:write', 'im:write', 'im:history'].filter(lacks),
      // One of them, as the channel is public or private.
      ...(['channels:history', 'groups:history'].every(lacks) ? ['channels:history or groups:history'] : []),
    ],
  };
}
