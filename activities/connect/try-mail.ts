import { MailError, openMail } from '../../adapters/mail/mail';
import { finding, type Finding } from '../../contract/run/findings';
import type { Person, Policy } from '../decisions/policy';
import type { MailChannel } from '../delivery/channels';

/** Who is to be told by mail. */
export interface MailReaders {
  mail: MailChannel;
  people: readonly Person[];
  policy: Pick<Policy, 'approvals' | 'onCall'>;
}

/** Whether the mail server lets us in, by TLS and login as the settings say, and who can't be told. Sends nothing. */
export async function tryMail({ mail, people, policy }: MailReaders): Promise<Finding[]> {
  return [await server(mail), ...addresses({ mail, people, policy })];
}

async function server(mail: MailChannel): Promise<Finding> {
  const expected = `a mail server that lets us in${mail.tls === 'none' ? '' : ', by TLS'} (nothing was sent)`;
  try {
    await openMail(mail, 4_000).verify();
    return finding('mail server', true, { expected, found: `${mail.host}:${mail.port}`, remedy: '' });
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const { kind, found, remedy } = error;
    return finding('mail server', kind === 'unreachable' ? 'unknown' : false, { expected, found, remedy });
  }
}

/** People who would be told and have no address, and stakeholders of whom there is none. */
function addresses({ mail, people, policy }: MailReaders): Finding[] {
  const told = new Set([...Object.keys(policy.approvals), policy.onCall, mail.stakeholders]);
  const without = people.filter(({ email, roles }) => email === undefined && roles.some((role) => told.has(role)));
  const stakeholders = people.filter(({ roles }) => roles.includes(mail.stakeholders));
  return [
    ...(without.length === 0 ? [] : [missing(without.map(({ name }) => name).join(', '))]),
    ...(stakeholders.length === 0 ? [noStakeholder(mail.stakeholders)] : []),
  ];
}

const missing = (names: string): Finding => ({
  ...{ check: 'mail addresses', status: 'not covered', expected: 'an email for each who is told by mail' },
  ...{
    found: `none of ${names}`,
    remedy: 'add "email" to these people in the settings; until then Slack alone tells them',
  },
});

const noStakeholder = (role: string): Finding => ({
  ...{ check: 'mail to stakeholders', status: 'not covered', expected: `someone with role "${role}"` },
  ...{
    found: 'no one',
    remedy: 'give it to those who only follow, or to their mailing list; mail.stakeholders names the role',
  },
});
