import type { Gate } from '../../contract/run/decisions';

/**
 * What a person reads of a gate before they decide, the most important first; Slack and Temporal UI show the same. Plain
 * text of whatever origin: whoever shows it escapes it.
 */
export interface GateText {
  /** What is asked, in a few words; also the notification. */
  title: string;
  parts: GatePart[];
}

/** One question that a reader has, and its answer: a sentence, or a list. */
export interface GatePart {
  title: string;
  lines: string[];
}

/** How many characters of each line are shown: of few lines more, since one of them may be what it is all about. */
export const charactersFor = ({ lines }: GatePart, characters: number): number =>
  lines.length <= 2 ? characters * 3 : characters;

/** What of a gate is part of the text. */
export type GateTerms = Pick<Gate, 'purpose' | 'expiresAt'>;
