import { trySlackSocket } from '../../adapters/slack/socket';
import { openSlack, SlackError, type Slack, type SlackIdentity } from '../../adapters/slack/slack';
import { finding, type Finding } from '../../contract/run/findings';

/** What the settings say of Slack, as far as the roles of this machine may know it. */
export interface SlackPlaces {
  apiUrl?: string;
  /** Of the control role; absent = not on this machine. `stakeholders`: one more channel. */
  announcements?: { token: string; channel: string; stakeholders?: string };
  /** Of the production role; absent = not on this machine. */
  codes?: { token: string; buttons?: { appToken: string; team: string } };
}

/**
 * Whether the apps are who they should be, may do what is asked of them, and see the channels. Posts nothing. Whether a
 * person can be written to is seen when one is: opening a conversation would show.
 */
export async function trySlack({ apiUrl, announcements, codes }: SlackPlaces): Promise<Finding[]> {
  const open = (token: string): Slack =>
    openSlack({ token, timeoutMs: 4_000, ...(apiUrl !== undefined && { apiUrl }) });
  const first = announcements && (await tryApp('app for announcements', open(announcements.token)));
  const second = codes && (await tryApp('app for codes', open(codes.token)));
  const channels = Object.entries({
    channel: announcements?.channel,
    'channel of stakeholders': announcements?.stakeholders,
  });
  const seen: Finding[] = [];
  if (announcements !== undefined && first?.identity !== undefined)
    for (const [check, id] of channels)
      if (id !== undefined) seen.push(await tryChannel(check, id, open(announcements.token)));
  return [
    ...(first?.findings ?? []),
    ...seen,
    ...(second?.findings ?? []),
    ...(codes && second?.identity ? await tryButtons(codes, second.identity, apiUrl) : []),
    ...(first?.identity && second?.identity ? [twoApps(first.identity, second.identity)] : []),
  ];
}

async function tryApp(check: string, slack: Slack): Promise<{ findings: Finding[]; identity?: SlackIdentity }> {
  const expected = 'a valid token, with the scopes that are needed';
  try {
    const identity = await slack.whoAmI();
    const { team, app, missingScopes: missing } = identity;
    const found = `${app} in ${team}${missing.length === 0 ? '' : `, without ${missing.join(', ')}`}`;
    const remedy = 'add these scopes to the app, and install it again';
    return { identity, findings: [finding(check, missing.length === 0, { expected, found, remedy })] };
  } catch (error) {
    return { findings: [refused(check, expected, error)] };
  }
}

async function tryChannel(check: string, id: string, slack: Slack): Promise<Finding> {
  const expected = 'a channel that the app is in';
  try {
    await slack.requireChannel(id);
    return finding(check, true, { expected, found: id, remedy: '' });
  } catch (error) {
    return refused(check, expected, error);
  }
}

/** Whether clicks would be heard, and their clickers could be looked up. Opens no socket. */
async function tryButtons(
  { buttons }: NonNullable<SlackPlaces['codes']>,
  { teamId, readsUsers }: SlackIdentity,
  apiUrl: string | undefined,
): Promise<Finding[]> {
  const check = 'buttons';
  if (buttons === undefined) {
    const remedy = 'add slack.codes.buttons (docs/platform-engineer.md, "Slack"); until then codes are typed';
    return [{ check, status: 'not covered', expected: 'an app-level token for buttons', found: 'none', remedy }];
  }
  const expected = `socket mode, users:read, and the workspace ${buttons.team}`;
  const faults = [
    ...(teamId === buttons.team ? [] : [`the workspace ${teamId}`]),
    ...(readsUsers ? [] : ['no scope users:read']),
  ];
  const remedy = 'correct slack.codes.buttons.team, or add the scope to the app and install it again';
  if (faults.length > 0) return [finding(check, false, { expected, found: faults.join(', '), remedy })];
  try {
    await trySlackSocket({ appToken: buttons.appToken, apiUrl });
    return [finding(check, true, { expected, found: `heard in ${teamId}`, remedy: '' })];
  } catch (error) {
    return [refused(check, expected, error)];
  }
}

/** Its message already says what was expected, found, and what to do. */
function refused(check: string, expected: string, error: unknown): Finding {
  if (!(error instanceof SlackError)) throw error;
  const [, found = error.message, remedy = 'look at the app in Slack'] =
    /found (.*?); (.*)$/s.exec(error.message) ?? [];
  return finding(check, error.kind === 'refused' ? false : 'unknown', { expected, found, remedy });
}

/** With one the control worker could read the codes of everybody. */
const twoApps = (announcements: SlackIdentity, codes: SlackIdentity): Finding =>
  finding('two apps', announcements.userId !== codes.userId, {
    expected: 'another app for codes than for announcements',
    found: announcements.userId === codes.userId ? `one, ${codes.app}` : 'two',
    remedy: 'make a second app, and name its token as slack.codes: whoever has the first could read the codes',
  });
