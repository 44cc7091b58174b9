import { condition, patched } from '@temporalio/workflow';
import type { Facts } from '../../contract/run/facts';
import type { Waiting } from '../../contract/run/waiting';
import type { RollbackOrder, RolloutOrder } from '../../contract/run/inputs';
import type { Message, Yield } from '../../contract/run/messages';
import type { Phase } from '../../contract/run/names';
import type { Loaded } from '../../contract/activities/loaded';
import type { StepId } from '../../contract/run/step-names';
import type { EventData, EventType } from '../../contract/run/run-event';
import { newsForStakeholders, type Newsworthy } from '../../report/run/stakeholder-news';
import { Events } from './events';
import { Requests } from './requests';
import { noteHeld, noteResumed } from './note-hold';
import { Notifier } from './notifier';
import { Mailbox } from './mailbox';
import type { Received } from './mailbox';
import { firstFacts, rememberLoaded } from './record';
import { showEverywhere } from './show';
import { patiently, type Pausing } from './patiently';
import { runStep, type RunOfSteps, type StepOptions, type StepProblem } from './step';
import type { Stop } from './stop';
import { waitingForResume } from '../../report/run/waiting';
import { why } from '../../report/run/why';

/** Votes and answers for whatever is open go here; `undefined` = nothing is open for such a message. */
export interface OpenRequest {
  takes: ReadonlySet<Message['kind']>;
  received: Received[];
}

/** What runs of an earlier version did not tell in the thread. */
const addedToTheStory: ReadonlySet<EventType> = new Set([
  'approval.requested',
  'approval.rejected',
  'approval.expired',
  'run.resumed',
  'question.answered',
  'change.dropped',
] as const);

/** Who holds and resumes for ever must not make the facts too large for Temporal. */
const mostHolds = 100;

/**
 * Runs the steps of one rollout or rollback, records them, and is the one place that knows where it may stop:
 * `safePoint()`, where hold, yield and abort act. The two sides of the point of no return are in `point-of-no-return.ts`.
 */
export class Journal implements Pausing, RunOfSteps {
  readonly mailbox = new Mailbox();
  readonly facts: Facts;
  readonly notifier: Notifier;
  /** What is told beyond Slack. */
  readonly events: Events;
  /** What people were asked by direct messages. */
  readonly requests: Requests;
  /** The open gate or question. */
  openRequest: OpenRequest | undefined;
  /** Why this run ends before its end; set by abort, cancel and yield. */
  ending: Stop | undefined;
  /** Plan and settings, once they are read. */
  loaded: Loaded | undefined;
  /** Rollbacks that ask this run to end, until each is looked at. */
  readonly yields: Yield[] = [];
  /** Aborts that are acknowledged only after everything was put back. */
  readonly unanswered: Received[] = [];
  /** Whether messages have changed something that is not shown yet. */
  isStale = false;
  /** Cancels what can still be undone, while it runs. */
  cancelReversible: (() => void) | undefined;

  constructor(
    kind: Facts['kind'],
    order: RolloutOrder | RollbackOrder,
    private readonly ask: (journal: Journal, problem: StepProblem) => Promise<'retry' | 'accept'>,
  ) {
    this.facts = firstFacts(kind, order);
    this.facts.messages = this.mailbox.records;
    this.notifier = new Notifier(this.facts);
    this.requests = new Requests(this.facts);
    this.events = new Events(this.facts, () => this.loaded && this.loaded.delivers === true);
  }

  /** One step of the runbook. Returns its result, or throws `Stop`; what did not succeed is asked about. */
  step<T>(id: StepId, perform: () => Promise<T>, options: StepOptions<T> = {}): Promise<T> {
    return runStep(this, { id, perform }, options);
  }

  /** Waits for a worker as long as it takes, and says so; continues after one that was lost. Other failures are thrown. */
  patiently<T>(name: string, perform: () => Promise<T>): Promise<T> {
    return patiently(this, name, perform);
  }

  /** What a step could not do by itself. */
  askAbout(problem: StepProblem): Promise<'retry' | 'accept'> {
    return this.ask(this, problem);
  }

  /** Here, and only here, hold and yield act; abort also cancels what runs. */
  async safePoint(): Promise<void> {
    while (this.facts.held !== undefined && this.ending === undefined) {
      const waited = this.facts.waiting;
      const { reason } = this.facts.held;
      this.waitFor(waitingForResume(reason, this.facts));
      await noteHeld(this.facts, reason);
      await condition(() => this.facts.held === undefined || this.ending !== undefined);
      if (this.ending === undefined) await noteResumed(this.facts);
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
    this.endHold();
    this.waitFor(undefined);
  }

  /** Whoever asks afterwards why nothing happened for a while, finds it. */
  endHold(): void {
    const { held, holds = [] } = this.facts;
    if (held === undefined) return;
    this.facts.holds = [...holds, { ...held, until: new Date().toISOString() }].slice(0, mostHolds);
    delete this.facts.held;
  }

  /** Plan and settings are known: what is shown has them from here on. */
  remember(loaded: Loaded): void {
    this.loaded = loaded;
    rememberLoaded(this.facts, loaded);
    this.changed();
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
    this.tellSlack();
  }

  /**
   * What has happened: a line in the thread, an event beyond Slack, and what is news to those who only follow, in their words.
   *
   * @param line as people of the team read it
   */
  tell<Type extends EventType>(type: Type, line: string, data: EventData<Type>): void {
    if (addedToTheStory.has(type)) this.addToStory(line);
    else this.notifier.announce(line, this.newsOf(type, data));
    this.events.tell(type, line, data);
  }

  /** A line in the thread alone, which runs of an earlier version did not have. */
  addToStory(line: string): void {
    if (patched('whole-story')) this.notifier.announce(line);
  }

  /** What of it is news to stakeholders, in their words; undefined = nothing. */
  newsOf<Type extends EventType>(type: Type, data: EventData<Type>): string | undefined {
    const { kind, plan, run } = this.facts;
    if (plan === undefined) return undefined;
    const subject = { kind, does: plan.does, target: run.target };
    return newsForStakeholders({ type, data, run: subject } as Newsworthy)?.lines.join(' ');
  }

  /** Its one message, and those of its requests. */
  tellSlack(): void {
    this.notifier.changed();
    this.requests.changed();
  }

  status = (): Facts => this.facts;
  why = (): string => why(this.facts);
}
