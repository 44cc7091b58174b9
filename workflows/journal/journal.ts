import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { TemporalFailure, type ActivityFailure } from '@temporalio/common';
import type { Facts, StepRecord, Waiting } from '../../contract/run/facts';
import { doubts, findingLine, isSameDoubt, obstacles } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { RollbackOrder, RolloutOrder } from '../../contract/run/inputs';
import type { Message } from '../../contract/run/messages';
import type { Phase } from '../../contract/run/names';
import type { Loaded } from '../../contract/run/loaded';
import { stepLabel } from '../../contract/run/step-names';
import type { StepId } from '../../contract/run/step-names';
import { roleOf, workerFor } from './activities';
import { Bulletin } from './bulletin';
import { Mailbox } from './mailbox';
import type { Mail } from './mailbox';
import { firstFacts } from './record';
import { showEverywhere } from './show';
import { failureLine, noWorkerCame, Stop, workerWasLost } from './stop';
import { waitingForResume, waitingForWorker } from './waiting';
import { why } from './why';

/** How a step differs from the usual one, which asks a person when it does not succeed. */
export interface StepOptions<T> {
  /** What the result says against going on; default: none. */
  judge?: (result: T) => Finding[];
  /** `stop`: an obstacle ends the rollout (nothing was changed yet). Default `ask`. */
  onObstacle?: 'ask' | 'stop';
  /** `tell`: what only a person can judge is told and asks nobody. Default `ask`, and then it is acceptable. */
  onDoubt?: 'ask' | 'tell';
  /** Done before anybody is asked, so that nothing waits half-way for an answer; a retry then begins anew. */
  undo?: () => Promise<void>;
  /** Whether a person may go on in spite of it; never for a safety check. Default false. */
  acceptable?: boolean;
  /** One line for the report. */
  note?: (result: T) => string;
}

/** What went wrong in a step, and whether a person may go on in spite of it. */
export interface Trouble {
  step: string;
  because: string[];
  acceptable: boolean;
  /** What only a person can judge; the answer `accept` is kept for each. */
  doubts: Finding[];
}

/** Votes and answers for whatever is open go here; `undefined` = nothing is open for such a message. */
export interface Booth {
  takes: ReadonlySet<Message['kind']>;
  mail: Mail[];
}

/**
 * Runs the steps of one rollout or rollback, records them, and is the one place that knows where it may stop:
 * `safePoint()`, where hold, yield and abort act. The two sides of the point of no return are in `border.ts`.
 */
export class Journal {
  readonly mailbox = new Mailbox();
  readonly facts: Facts;
  readonly bulletin: Bulletin;
  /** The open gate or question. */
  booth: Booth | undefined;
  /** Why this run ends before its end; set by abort, cancel and yield. */
  ending: Stop | undefined;
  /** Plan and settings, once they are read. */
  loaded: Loaded | undefined;
  /** Aborts that are acknowledged only after everything was put back. */
  readonly unanswered: Mail[] = [];
  /** Cancels what can still be undone, while it runs. */
  cancelReversible: (() => void) | undefined;

  constructor(
    kind: Facts['kind'],
    order: RolloutOrder | RollbackOrder,
    private readonly ask: (journal: Journal, trouble: Trouble) => Promise<'retry' | 'accept'>,
  ) {
    this.facts = firstFacts(kind, order);
    this.facts.messages = this.mailbox.records;
    this.bulletin = new Bulletin(this.facts);
  }

  /** One step of the runbook. Returns its result, or throws `Stop`; what did not succeed is asked about. */
  async step<T>(id: StepId, perform: () => Promise<T>, options: StepOptions<T> = {}): Promise<T> {
    await this.safePoint();
    const record = this.begin(id);
    try {
      return await this.untilDone(record, perform, options);
    } catch (error) {
      if (error instanceof Stop) this.finish(record, 'failed', undefined, record.note ?? error.because);
      throw error;
    }
  }

  private async untilDone<T>(record: StepRecord, perform: () => Promise<T>, options: StepOptions<T>): Promise<T> {
    const { name } = record;
    for (;;) {
      record.tries += 1;
      const attempt = await this.attempt(name, perform);
      const found = 'result' in attempt ? (options.judge?.(attempt.result) ?? []) : [];
      const inTheWay = 'result' in attempt ? obstacles(found).map(findingLine) : [attempt.failed];
      const open = options.onDoubt === 'tell' ? [] : this.unansweredDoubts(found);
      const against = [...inTheWay, ...open.map(findingLine)];
      record.findings = found;
      if ('result' in attempt && against.length === 0) {
        return this.finish(record, 'done', attempt.result, options.note?.(attempt.result));
      }
      record.note = against[0] ?? '';
      if (options.onObstacle === 'stop' && inTheWay.length > 0)
        throw new Stop('stopped', `${name}: ${against.join(' | ')}`);
      await options.undo?.();
      record.state = 'asking';
      const acceptable = 'result' in attempt && (options.acceptable === true || inTheWay.length === 0);
      const choice = await this.ask(this, { step: name, because: against, acceptable, doubts: open });
      if (choice === 'accept' && acceptable) {
        const note = inTheWay.length === 0 ? options.note?.(attempt.result) : undefined;
        return this.finish(record, 'done', attempt.result, note ?? `accepted: ${against.join(' | ')}`);
      }
      record.state = 'running';
      this.changed();
    }
  }

  private unansweredDoubts(found: readonly Finding[]): Finding[] {
    const { answered = [] } = this.facts;
    return doubts(found).filter((doubt) => !answered.some(({ finding }) => isSameDoubt(finding, doubt)));
  }

  private async attempt<T>(name: string, perform: () => Promise<T>): Promise<{ result: T } | { failed: string }> {
    try {
      return { result: await this.patiently(name, perform) };
    } catch (error) {
      // What is neither ours nor Temporal's is a bug: let it block the task, touch nothing, wait for a fix.
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
      return { failed: failureLine(error) };
    }
  }

  /** Waits for a worker as long as it takes, and says so; goes on after one that was lost. Other failures are thrown. */
  async patiently<T>(name: string, perform: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await perform();
      } catch (error) {
        if (isCancellation(error) && CancellationScope.current().consideredCancelled) throw this.ending ?? error;
        if (!noWorkerCame(error) && !workerWasLost(error)) throw error;
        if (noWorkerCame(error)) await this.untilWorkerComes(name, error);
        await this.safePoint();
      }
    }
  }

  /** One task waits, instead of the step's being scheduled every minute: days of waiting cost no history. */
  private async untilWorkerComes(name: string, failed: ActivityFailure): Promise<void> {
    const before = this.facts.waiting;
    this.waitFor(waitingForWorker(name, roleOf(failed), this.facts));
    const scope = new CancellationScope();
    try {
      await scope.run(() => Promise.race([workerFor(failed), condition(() => this.interrupted)]));
    } catch (error) {
      if (!isCancellation(error)) throw error;
      if (CancellationScope.current().consideredCancelled) throw this.ending ?? error;
    } finally {
      scope.cancel();
      this.waitFor(before);
    }
  }

  /** Here, and only here, hold and yield act; abort also cancels what runs. */
  async safePoint(): Promise<void> {
    while (this.facts.held !== undefined && this.ending === undefined) {
      const waited = this.facts.waiting;
      this.waitFor(waitingForResume(this.facts.held.reason, this.facts));
      await condition(() => this.facts.held === undefined || this.ending !== undefined);
      this.waitFor(waited);
    }
    if (this.ending !== undefined) throw this.ending;
  }

  /** Sleeps until the time is over or something wants attention; returns the milliseconds that have passed. */
  async rest(ms: number, summary: string): Promise<number> {
    const from = Date.now();
    await condition(() => this.interrupted, Math.max(1, ms), { summary: summary.slice(0, 190) });
    return Math.min(ms, Date.now() - from);
  }

  get interrupted(): boolean {
    return this.facts.held !== undefined || this.ending !== undefined;
  }

  /** The ending; the first one stays. From here on messages are answered, and change nothing. */
  close({ outcome, because }: Stop): void {
    this.facts.outcome ??= outcome;
    this.facts.because ??= because;
    this.ending = undefined;
    delete this.facts.held;
    this.waitFor(undefined);
  }

  enter(phase: Phase): void {
    this.facts.phase = phase;
    this.changed();
  }

  waitFor(waiting: Waiting | undefined): void {
    if (waiting === undefined) delete this.facts.waiting;
    else this.facts.waiting = waiting;
    this.changed();
  }

  /** Current details, search attributes, memo and Slack follow the facts. */
  changed(): void {
    showEverywhere(this.facts);
    this.bulletin.changed();
  }

  status = (): Facts => this.facts;
  why = (): string => why(this.facts);

  private begin(id: StepId): StepRecord {
    const record: StepRecord = { id, name: stepLabel(id), state: 'running', startedAt: now(), tries: 0, findings: [] };
    this.facts.steps.push(record);
    this.changed();
    return record;
  }

  private finish<T>(record: StepRecord, state: 'done' | 'failed', result: T, note?: string): T {
    record.state = state;
    record.endedAt = now();
    if (note === undefined) delete record.note;
    else record.note = note;
    showEverywhere(this.facts); // Slack hears of it with the next step: half as many messages
    return result;
  }
}

const now = (): string => new Date().toISOString();
