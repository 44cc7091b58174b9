import { codeKey } from '../../contract/run/decisions';
import type { Click } from '../../contract/run/slack-click';
import type { Person } from '../decisions/policy';
import type { ClickDeps, Refused } from './click-deps';

/**
 * Whether it is a click of our own app and workspace, by one of our people. Asks nobody: it is all that there is time for before a
 * dialog opens.
 */
export function whoClaims({ app, people }: Pick<ClickDeps, 'app' | 'people'>, { by }: Click): Person | Refused {
  if (by.app !== app.app) return refuse('a button of the app that sends codes', `one of the app ${by.app}`);
  if (by.team !== app.team) return refuse(`someone of the workspace ${app.team}`, `someone of ${by.team}`);
  const person = people.find(({ slackId }) => slackId === by.user);
  return person ?? refuse('one of the people in the settings', `the Slack id ${by.user}, which is none of theirs`);
}

/**
 * The person behind a click, as Slack itself tells. Guards against everybody but the addressee: someone of another workspace, a guest,
 * someone who has left, a bot; someone who clicks what was sent to somebody else; and a button that stands in no message of ours, or
 * was made for another one. Of the click only ids are believed, and each is looked up.
 *
 * @throws SlackError
 */
export async function whoClicked(deps: ClickDeps, click: Click): Promise<Person | Refused> {
  const person = whoClaims(deps, click);
  if ('refused' in person) return person;
  const { app, clicks, slack } = deps;
  const { by, at, of } = click;
  const user = await clicks.findUser(by.user);
  if (user === undefined) return refuse('a member of the workspace', 'someone whom Slack does not know');
  if (user.team !== app.team) return refuse(`a member of the workspace ${app.team}`, `one of ${user.team}`);
  if (user.isGone) return refuse('a member of the workspace', 'someone who has left it');
  if (user.isGuest) return refuse('a full member of the workspace', 'a guest');
  if (user.isBot) return refuse('a person', 'a bot');
  const channel = await slack.openDirectMessage(by.user);
  if (channel !== at.channel) return refuse('the person to whom the message was sent', 'another one');
  const message = await clicks.findMessage(at);
  const isOurs = message?.author === app.userId && message.key === codeKey(of.challenge, person.name);
  return isOurs ? person : refuse('the message of this very request, to this person', 'another one, or none');
}

const refuse = (expected: string, found: string): Refused => ({ refused: `expected ${expected}, found ${found}` });
