import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import type { OpenGate, Vote } from '../../contract/run/decisions';
import type { Facts } from '../../contract/run/facts';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import type { RequestState } from '../../contract/run/request-state';
import { canonicalJson } from '../../contract/text/canonical-json';
import { requestSaid } from '../../report/run/request-said';
import { gates } from './activities';
import { failureLine } from './stop';

/** A request that people got a message about. */
interface Request {
  gate: OpenGate;
  evidence: GateEvidence;
  votes: Vote[];
  /** How it was decided; undefined = it is open. */
  decided?: string;
  /** As its messages show it. */
  shown: string;
}

/** How long the end of a run waits for a Slack that is slow or down. */
const patience = '1 minute';

/**
 * Keeps the messages of all requests of a run as things are: after each vote, decision, hold, question, drop and end, from wherever it
 * came. In the background, and only the newest state; a Slack that is down delays nothing.
 */
export class Requests {
  private readonly all: Request[] = [];
  private busy = false;
  private stale = false;

  constructor(private readonly facts: Facts) {}

  /** People were just asked: so far nothing has become of it. */
  opened(gate: OpenGate, evidence: GateEvidence, votes: Vote[] = []): void {
    if (!patched('requests-shown')) return; // a run that began without leaves its messages as they are
    this.all.push({ gate, evidence, votes, shown: canonicalJson({ votes: [], isOver: false, said: [] }) });
  }

  /** Nobody can decide it any more; `decided`: how it was, in one line. */
  closed({ challenge }: Pick<OpenGate, 'challenge'>, decided: string): void {
    const request = this.all.find(({ gate }) => gate.challenge === challenge);
    if (request !== undefined) request.decided ??= decided;
    this.changed();
  }

  changed(): void {
    this.stale = this.all.length > 0;
  }

  /** Runs for as long as the workflow; started once, before the first step. */
  async run(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => this.stale);
        this.stale = false;
        this.busy = true;
        for (const request of this.all) await this.show(request);
        this.busy = false;
      }
    });
  }

  /** Waits until everything is shown, or for a minute. */
  async drained(): Promise<void> {
    const isDone = (): boolean => !this.busy && !this.stale;
    if (isDone()) return;
    if (!(await condition(isDone, patience, { summary: 'Slack: last words in direct messages' })))
      this.facts.warnings.push('Slack: expected direct messages to be changed within a minute, they were not');
  }

  private async show(request: Request): Promise<void> {
    const { gate, evidence } = request;
    const state = stateOf(request, this.facts);
    const toShow = canonicalJson(state);
    if (toShow === request.shown) return;
    try {
      const notReached = await gates.showRequest({ gate, evidence, state });
      request.shown = toShow;
      for (const { person, because } of notReached)
        this.warn(`Slack: the message to ${person} about "${gate.name}" stays as it was: ${because}`);
    } catch (error) {
      this.warn(`Slack: messages about "${gate.name}" stay as they were: ${failureLine(error)}`);
      request.shown = toShow; // the next change is shown again
      await sleep('10 s', { summary: 'Slack: next try' });
    }
  }

  private warn(line: string): void {
    if (!this.facts.warnings.includes(line)) this.facts.warnings.push(line);
  }
}

/** A question is over with its answer; what becomes of the run is told to those who approved the run itself. */
function stateOf({ gate, votes, decided }: Request, facts: Facts): RequestState {
  const isOver = decided !== undefined || facts.outcome !== undefined;
  const said = [...(decided === undefined ? [] : [decided]), ...(gate.purpose === 'accept' ? [] : requestSaid(facts))];
  return { votes: [...votes], isOver, said };
}
