import type { Canvas } from './picture';

const escape = '\u001b';

/**
 * A link as a terminal makes one, by OSC 8: the whole of it can be clicked, wherever the line breaks. Terminals that
 * don't know the sequence leave it out, so the text is the address itself.
 */
export const hyperlink = (url: string, { hyperlinks = false }: Pick<Canvas, 'hyperlinks'>): string =>
  hyperlinks ? `${escape}]8;;${url}${escape}\\${url}${escape}]8;;${escape}\\` : url;
