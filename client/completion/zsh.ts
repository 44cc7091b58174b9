import { paths, said } from './said';
import { flagsOf, type Word } from './words';

/** A script for zsh. */
export const zshCompletion = (words: readonly Word[]): string => `#compdef rubicon
# rubicon in zsh: source <(rubicon completion zsh), after compinit
_rubicon() {
  local said= at
  for ((at = 2; at < CURRENT; at++)); do
    case "$said $words[at]" in
      (${paths(words)}) said="$said $words[at]" ;;
    esac
  done
  case "$said:$words[CURRENT-1]" in
${words.flatMap((word) => valuesOf(word)).join('\n')}
  esac
  case "$said:$words[CURRENT]" in
${words.flatMap((word) => nextOf(word)).join('\n')}
  esac
}
compdef _rubicon rubicon
`;

const add = (values: readonly string[]): string => `compadd -- ${values.join(' ')}`;

const valuesOf = (word: Word): string[] =>
  word.options
    .filter(({ value }) => value !== 'none')
    .map((option) => {
      const when = flagsOf([option]).map((flag) => `${said(word)}:${flag}`);
      const then = { choice: `${add(option.choices)}; return`, file: '_files; return', other: 'return', none: '' };
      return `    (${when.join(' | ')}) ${then[option.value]} ;;`;
    });

function nextOf(word: Word): string[] {
  const values = [...word.next, ...word.choices];
  const otherwise = values.length > 0 ? add(values) : word.takesFile ? '_files' : ':';
  return [`    (${said(word)}:-*) ${add(flagsOf(word.options))} ;;`, `    (${said(word)}:*) ${otherwise} ;;`];
}
