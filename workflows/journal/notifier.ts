import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { Facts } from '../../contract/run/facts';
import type { SlackPlace } from '../../contract/run/slack-place';
import { control } from './activities';
import { shownStatus } from './shown-status';
import { failureLine } from './stop';

/** How long the end of a run waits for a Slack that is slow or down. */
const patience = '1 minute';

/** What is still to be told; `number` names it among those of its run. */
interface Line {
  text: string;
  toStakeholders?: string;
  number: number;
}

/**
 * Tells Slack in the background: the rollout's one message (only its newest state, however often it changed) and lines
 * in their order. A Slack that is down delays nothing and stops nothing; what could not be told is in the report.
 */
export class Notifier {
  message: SlackPlace | undefined;
  private stale = false;
  private readonly lines: Line[] = [];
  private count = 0;
  private busy = false;

  constructor(private readonly facts: Facts) {}

  changed(): void {
    this.stale = true;
  }

  /** One line into the thread; `toStakeholders`: what of it is news to them, in their words. */
  announce(text: string, toStakeholders?: string): void {
    this.lines.push({ text, number: ++this.count, ...(toStakeholders !== undefined && { toStakeholders }) });
  }

  /** Runs for as long as the workflow; started once, before the first step. */
  async run(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => this.facts.plan !== undefined && (this.stale || this.lines.length > 0));
        this.busy = true;
        await this.tell();
        this.busy = false;
      }
    });
  }

  /** Waits until everything was told, or for a minute. */
  async drained(): Promise<void> {
    const done = await condition(() => !this.busy && !this.stale && this.lines.length === 0, patience, {
      summary: 'Slack: last messages',
    });
    if (!done) this.facts.warnings.push('Slack: expected the last messages to be taken within a minute, they were not');
  }

  private async tell(): Promise<void> {
    try {
      if (this.stale) {
        this.stale = false;
        const place = { ...(this.message && { message: this.message }) };
        this.message = (await control.publishStatus({ facts: shownStatus(this.facts), ...place })) ?? undefined;
      }
      const line = this.lines.shift();
      if (line === undefined) return;
      const { number, ...texts } = line;
      const place = { ...(this.message && { message: this.message }) };
      await control.announce({ run: this.facts.run, key: `line-${number}`, ...texts, ...place });
    } catch (error) {
      this.facts.warnings.push(`Slack: ${failureLine(error)}`);
      await sleep('10 s', { summary: 'Slack: next try' });
    }
  }
}
