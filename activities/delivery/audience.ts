import { audiences, type Audience, type NewEvent, type Receiver } from '../../contract/run/run-event';
import { newsForStakeholders } from '../../report/run/stakeholder-news';
import type { Person, Policy } from '../decisions/policy';
import type { Channels } from './channels';

/** Who takes part, and by what they can be told. */
export interface Audiences extends Channels {
  people: readonly Person[];
  policy: Pick<Policy, 'onCall'>;
}

/** Who is told of an event: webhooks that want it, and people with an address for whom it is news; each once. */
export function receiversOf(event: NewEvent, { people, policy, webhooks = [], mail }: Audiences): Receiver[] {
  const hooks = webhooks.filter(({ events }) => events === undefined || events.includes(event.type));
  const told = mail === undefined ? [] : people.filter(({ email }) => email !== undefined);
  return [
    ...hooks.map(({ name }) => ({ webhook: name })),
    ...told.flatMap((person): Receiver[] => {
      const as = audiences.find((audience) =>
        isIn(audience, { event, person, policy, stakeholders: mail?.stakeholders }),
      );
      return as === undefined ? [] : [{ person: person.name, as }];
    }),
  ];
}

interface Asked {
  event: NewEvent;
  person: Person;
  policy: Pick<Policy, 'onCall'>;
  stakeholders: string | undefined;
}

/** For whom an event is news, and nobody else is bothered with it. */
function isIn(audience: Audience, { event, person: { name, roles }, policy, stakeholders }: Asked): boolean {
  const { requesters } = event.run;
  switch (audience) {
    case 'approver':
      if (event.type !== 'approval.requested') return false;
      return !requesters.includes(name) && roles.some((role) => Object.hasOwn(event.data.needs, role));
    case 'on-call':
      return forOnCall.has(event.type) && roles.includes(policy.onCall);
    case 'requester':
      if (event.type === 'run.ended') return requesters.includes(name) || event.data.approvedBy.includes(name);
      return event.type === 'question.asked' && requesters.includes(name);
    case 'stakeholder':
      return stakeholders !== undefined && roles.includes(stakeholders) && newsForStakeholders(event) !== undefined;
  }
}

const forOnCall: ReadonlySet<NewEvent['type']> = new Set([
  'question.asked',
  'rollback.ordered',
  'aftercare.found',
] as const);
