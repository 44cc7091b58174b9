import type { Word } from './words';

/** What the scripts of bash and zsh hold in `$said`, as a pattern of their `case`: a blank in front of each word so far. */
export const said = ({ path }: Word): string => (path === '' ? "''" : `' ${path}'`);

/** Every word there is, as one such pattern. */
export const paths = (words: readonly Word[]): string =>
  words
    .filter(({ path }) => path !== '')
    .map(said)
    .join(' | ');
