import type { LocalMessage } from '../local-slack/local-slack';

/** What an approver takes from a direct message: which run, which signal, what to paste. */
export interface Letter {
  workflowId: string;
  /** `approve` or `answer`. */
  signal: string;
  /** With the code. */
  input: object;
  code: string;
  /** Whose it is; empty until somebody reads it. */
  to: string;
  /** First line: what is asked. */
  title: string;
}

/**
 * Reads a direct message as its reader would: by its rendered blocks, not by what a program knows. Undefined if it asks
 * for nothing, e.g. a reminder.
 */
export function readLetter({ blocks }: Pick<LocalMessage, 'blocks'>): Letter | undefined {
  const texts = blocks.flatMap(({ text }) => (isText(text) ? [plain(text.text)] : []));
  const code = texts.map((text) => /^\*Your code\*[^]*?```\n(\S+)\n```/.exec(text)?.[1]).find(Boolean);
  const paste = texts.map((text) => /Send a Signal → `(\w+)`[^]*?```\n([^]+?)\n```/.exec(text)).find(Boolean);
  const command = texts.map((text) => /^In a terminal[^]*?```\nrubicon \w+ ('[^']+'|\S+)/.exec(text)).find(Boolean);
  const [, signal, input] = paste ?? [];
  const [, workflowId] = command ?? [];
  if (code === undefined || signal === undefined || input === undefined || workflowId === undefined) return undefined;
  return {
    ...{ code, signal, to: '', title: texts[0] ?? '' },
    workflowId: workflowId.replace(/^'(.*)'$/, '$1'),
    input: JSON.parse(input) as object,
  };
}

const isText = (text: unknown): text is { text: string } =>
  typeof text === 'object' && text !== null && 'text' in text && typeof text.text === 'string';

const plain = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
