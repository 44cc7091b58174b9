import { escapeMarkdown } from '../../contract/text/markdown-text';

/** What a delivery has done so far. */
export interface Told {
  /** Deliveries that were taken. */
  told: number;
  /** Of which event each receiver is being told, by its name. */
  waiting: Record<string, string>;
  /** What did not arrive, one line each. */
  notTold: string[];
}

/** Current details of a delivery in Temporal UI. */
export const deliveryDetails = ({ told, waiting, notTold }: Told): string =>
  [
    `**${told} told**, ${Object.keys(waiting).length} under way, ${notTold.length} not told`,
    ...Object.entries(waiting).map(
      ([receiver, event]) => `- ${escapeMarkdown(receiver)}: ${escapeMarkdown(event)} is being told`,
    ),
    ...notTold.slice(-20).map((line) => `- ⚠ ${escapeMarkdown(line)}`),
  ].join('\n');
