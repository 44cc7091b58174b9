import { CancellationScope, condition } from '@temporalio/workflow';
import type { Facts } from '../../contract/run/facts';
import type { EventData, EventType, NewEvent } from '../../contract/run/run-event';
import { fittingEvent } from '../../report/run/fitting-event';
import { control } from './activities';
import { failureLine } from './stop';

/** An event of now. */
export function eventOf<Type extends EventType>(
  about: Pick<NewEvent, 'run' | 'link'>,
  type: Type,
  { text, data }: { text: string; data: EventData<Type> },
): NewEvent {
  const until = 'until' in data ? { until: data.until } : {};
  return fittingEvent({ type, at: new Date().toISOString(), text, data, ...until, ...about } as NewEvent);
}

/** Handing over asks nothing but Temporal, so it takes longer only where that is down, too. */
const patience = '1 minute';

/**
 * Hands events of a run over to the workflow that tells them, in their order. No receiver is waited for here. Without webhooks and mail in
 * the settings nothing is handed over, and nothing of it stands in the history.
 */
export class Events {
  private readonly queue: NewEvent[] = [];
  private busy = false;

  /** @param isWanted whether the settings name receivers; undefined = they are not read yet */
  constructor(
    private readonly facts: Facts,
    private readonly isWanted: () => boolean | undefined,
  ) {}

  /** What has happened, in one line as Slack has it, and what belongs to its type. */
  tell<Type extends EventType>(type: Type, text: string, data: EventData<Type>): void {
    const about = this.about();
    if (about !== undefined) this.queue.push(eventOf(about, type, { text, data }));
  }

  /** The run as its events name it; undefined = none are wanted, or its plan is not read yet. */
  about(): Pick<NewEvent, 'run' | 'link'> | undefined {
    const { plan, run, kind, requesters, link } = this.facts;
    if (plan === undefined || this.isWanted() !== true) return undefined;
    const { name, does, digest: planDigest } = plan;
    return { run: { ...run, kind, plan: name, does, planDigest, requesters }, ...(link !== undefined && { link }) };
  }

  /** Runs for as long as the workflow; started once, before the first step. */
  async run(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => this.queue.length > 0);
        this.busy = true;
        for (const event of this.queue.splice(0)) await this.handOver(event);
        this.busy = false;
      }
    });
  }

  /** Waits until everything was handed over, or for a minute. */
  async drained(): Promise<void> {
    const isDone = (): boolean => !this.busy && this.queue.length === 0;
    if (isDone()) return;
    if (await condition(isDone, patience, { summary: 'events: the last ones are handed over' })) return;
    this.facts.warnings.push('events: expected the last ones to be handed over within a minute, they were not');
  }

  private async handOver(event: NewEvent): Promise<void> {
    try {
      await control.handOver({ run: this.facts.run, event });
    } catch (error) {
      this.facts.warnings.push(`${event.type} was told to Slack alone: ${failureLine(error)}`);
    }
  }
}
