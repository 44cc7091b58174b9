import { readMessage } from '../../contract/run/messages';
import type { Answer, Message } from '../../contract/run/messages';
import type { MessageRecord } from '../../contract/run/facts';

/** A message that waits for its verdict. `at` is when it arrived: what counts for a deadline. */
export interface Received {
  message: Message;
  at: string;
  /** Absent = it still waits for one. */
  answer?: Answer;
}

const mostWaiting = 1_000;
const mostRecorded = 200;

/**
 * Where every signal and update lands; one consumer takes them out in order. Unusable ones are answered on arrival.
 * Capped, so that nobody can fill a rollout's memory; records keep no input, since that may hold anything.
 */
export class Mailbox {
  readonly records: MessageRecord[] = [];
  private readonly waiting: Received[] = [];
  private readonly open = new Set<Received>();

  get hasMessages(): boolean {
    return this.waiting.length > 0;
  }

  /** Takes in whatever was sent; returns the mail, whose `answer` is there at once if it is unusable. */
  put(kind: string, input: unknown): Received | { answer: Answer } {
    const at = new Date().toISOString();
    const message = readMessage(kind, input);
    if ('refused' in message) return { answer: this.record(kind, at, { accepted: false, because: message.refused }) };
    if (this.waiting.length >= mostWaiting) {
      const because = `expected fewer than ${mostWaiting} unread messages, found that many; send it again later`;
      return { answer: this.record(kind, at, { accepted: false, because }) };
    }
    const received: Received = { message, at };
    this.waiting.push(received);
    this.open.add(received);
    return received;
  }

  take(): Received | undefined {
    return this.waiting.shift();
  }

  /** What has no verdict yet, wherever it is: an update waits for one, and a run can't end before. */
  get unanswered(): Received[] {
    return [...this.open];
  }

  /** The verdict; the first one stays. */
  answer(received: Received, accepted: boolean, because: string): void {
    this.open.delete(received);
    received.answer ??= this.record(received.message.kind, received.at, { accepted, because });
  }

  private record(kind: string, at: string, answer: Answer): Answer {
    this.records.push({ kind: kind.slice(0, 40), at, ...answer });
    if (this.records.length > mostRecorded) this.records.shift();
    return answer;
  }
}
