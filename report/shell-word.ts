import { oneLine } from '../contract/text/plain-text';

/** One word for a shell, to be pasted: workflow ids may hold anything. */
export const shellWord = (text: string): string =>
  /^[\w./:@][\w./:@-]*$/.test(text) ? text : `'${oneLine(text, 1_000).replaceAll("'", "'\\''")}'`;
