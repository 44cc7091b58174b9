import type { Vote } from './decisions';

/** What has become of a request since people were asked: shown in the very message that asked them. */
export interface RequestState {
  /** Counted so far. Whoever shows them verifies their codes again. */
  votes: Vote[];
  /** Nobody can decide it any more. */
  isOver: boolean;
  /** What the run says of itself beside the votes, one line each: on hold, rejected, expired, dropped, how it ended. */
  said: string[];
}
