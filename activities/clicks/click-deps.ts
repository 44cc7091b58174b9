import type { SlackApp, SlackClicks } from '../../adapters/slack/clicks';
import type { Slack } from '../../adapters/slack/slack';
import type { Temporal } from '../../adapters/temporal';
import type { Electorate } from '../decisions/voters';
import type { FindEnvironment } from '../environment/environment';

/** What the production worker needs for clicks: it alone has both the app that sends codes and the key that makes them. */
export interface ClickDeps extends Electorate {
  environment: FindEnvironment;
  temporal: Pick<Temporal, 'describe' | 'signal' | 'query'>;
  /** By the token of the codes. */
  slack: Pick<Slack, 'openDirectMessage' | 'postOnce' | 'update'>;
  clicks: SlackClicks;
  /** Whose buttons count, as Slack has said of that token. */
  app: SlackApp;
  log: (facts: object, message: string) => void;
}

/** Why a click counts for nothing; expected, found, what to do. */
export interface Refused {
  refused: string;
}

/** What did not answer for now, in words without a secret: tried again. */
export class NotNow extends Error {
  override readonly name = 'NotNow';
  constructor(
    message: string,
    /** Whether it is certain who has clicked what. */
    readonly isKnown: boolean,
  ) {
    super(message);
  }
}
