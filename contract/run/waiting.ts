import type { OpenGate } from './decisions';
import type { Finding } from './findings';
import type { MessageKind } from './messages';

/** What a run waits for, in words for people. */
export interface Waiting {
  /** Short, for the search attribute: `approval`, `answer`, `soak`, `monitor`, `trial`, `worker`, `resume`, `time`. */
  for: string;
  /** What it waits for. */
  sentence: string;
  /** Who can end it. */
  who: string;
  /** Until when, ISO; absent = without limit. */
  until?: string;
  /** What happens then. */
  then: string;
  /** Signals to send, with inputs to paste. */
  signals: { name: MessageKind; input: object; does: string }[];
}

/** A question about a step that did not succeed. */
export interface Question {
  /** Label of the step. */
  step: string;
  /** What went wrong, with what to do. */
  because: string[];
  /** What may be answered; `needsCode`: only with the code of a direct message. */
  choices: { choice: string; does: string; needsCode: boolean }[];
  /** What to answer, in words. */
  recommended: string;
  /** Maintenance on or off; data present, hidden or dropped. */
  state: string;
  /** What is lost, or would be by a rollback, in words. */
  loss: string;
  ifNobodyAnswers: string;
  /** SQL that undoes the last change by hand. */
  undo?: string;
  askedAt: string;
  /** Whose codes `accept` needs. Absent = `accept` is no choice. */
  gate?: OpenGate;
}

/** A finding of the status `possible` that a person has answered: it asks nobody again, as long as it stays the same. */
export interface AnsweredDoubt {
  finding: Finding;
  /** Name of the person in the settings. */
  by: string;
  reason: string;
  at: string;
}
