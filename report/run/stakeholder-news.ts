import type { EventData, EventType, NewEvent } from '../../contract/run/run-event';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';

/** A change of production as those see it who only use it. */
interface News {
  subject: string;
  lines: string[];
}

/** What of an event is news to them. */
export type Newsworthy = { [Type in EventType]: { type: Type; data: EventData<Type>; run: Subject } }[EventType];
type Subject = Pick<NewEvent['run'], 'target' | 'kind' | 'does'>;

/** What a customer wants to know: a change is ahead, it is done, it was taken back, it does not take place. Undefined = nothing. */
export function newsForStakeholders({ run, ...event }: Newsworthy): News | undefined {
  const { target, kind, does } = run;
  switch (event.type) {
    case 'change.planned':
      return {
        subject: `Change ahead: ${target}, ${readableInstant(event.data.at)} at the earliest`,
        lines: [
          `${target} is going to be changed on ${readableInstant(event.data.at)} at the earliest: ${does}`,
          toldAgain,
        ],
      };
    case 'change.announced':
      return {
        subject: `Change ahead: ${target}, ${readableInstant(event.data.at)}`,
        lines: [
          `${target} changes at ${readableInstant(event.data.at)}: ${does}`,
          interruption(event.data.maintenanceMs),
        ],
      };
    case 'run.ended': {
      const { outcome, announced, because } = event.data;
      if (kind === 'rollback')
        return outcome === 'rolled-back'
          ? {
              subject: `Taken back: the change of ${target}`,
              lines: [`the change of ${target} was taken back.`, because],
            }
          : undefined;
      if (outcome === 'done')
        return { subject: `Done: the change of ${target}`, lines: [`the change of ${target} is done: ${does}`] };
      if (!announced || outcome === 'rolled-back') return undefined; // its rollback tells how that ended
      return {
        subject: `Called off: the change of ${target}`,
        lines: [`the change of ${target} that was announced does not take place. No data was deleted.`],
      };
    }
    default:
      return undefined;
  }
}

const toldAgain = 'You will be told again shortly before. You need not do anything.';

const interruption = (maintenanceMs: number | undefined): string =>
  maintenanceMs === undefined
    ? 'No interruption is expected. You need not do anything.'
    : `Requests may be refused for a moment, for ${readableDuration(maintenanceMs)} at most. You need not do anything.`;
