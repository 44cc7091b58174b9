import type { MailSettings } from '../../adapters/mail/mail';
import type { Webhook } from '../../adapters/webhook/webhook';
import type { EventType } from '../../contract/run/run-event';

/** A webhook of the settings. Address and secret are the control worker's alone. */
export interface NamedWebhook extends Webhook {
  /** By which histories and people know it, since the address may be secret. */
  name: string;
  /** Absent = all. */
  events?: readonly EventType[];
}

/** The mail server of the settings. */
export interface MailChannel extends MailSettings {
  /** Role of those who are told, in a customer's words, what becomes of production. */
  stakeholders: string;
}

/** How people are told beyond Slack. */
export interface Channels {
  /** Absent = none. */
  webhooks?: readonly NamedWebhook[];
  /** Absent = no mail is sent. */
  mail?: MailChannel;
  /** Announcements go to Slack, too. */
  hasSlack?: boolean;
}
