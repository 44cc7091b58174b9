import { paths, said } from './said';
import { flagsOf, type Word } from './words';

/** A script for bash. What a file can be, readline completes itself (`-o default`). */
export const bashCompletion = (words: readonly Word[]): string => `# rubicon in bash: source <(rubicon completion bash)
_rubicon() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} said= at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$said \${COMP_WORDS[at]}" in
      ${paths(words)}) said="$said \${COMP_WORDS[at]}" ;;
    esac
  done
  case "$said:$prev" in
${words.flatMap((word) => valuesOf(word)).join('\n')}
  esac
  case "$said:$cur" in
${words.flatMap((word) => nextOf(word)).join('\n')}
  esac
}
complete -o default -F _rubicon rubicon
`;

const reply = (values: readonly string[]): string => `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$cur"))`;

/** What follows an option. */
const valuesOf = (word: Word): string[] =>
  word.options
    .filter(({ value }) => value !== 'none')
    .map((option) => {
      const when = flagsOf([option]).map((flag) => `${said(word)}:${flag}`);
      const then = {
        choice: `${reply(option.choices)}; return`,
        file: 'return',
        other: 'compopt +o default 2> /dev/null; return',
        none: '',
      };
      return `    ${when.join(' | ')}) ${then[option.value]} ;;`;
    });

/** What follows a word. */
function nextOf(word: Word): string[] {
  const values = [...word.next, ...word.choices];
  const otherwise = values.length > 0 ? reply(values) : word.takesFile ? 'return' : 'compopt +o default 2> /dev/null';
  return [`    ${said(word)}:-*) ${reply(flagsOf(word.options))} ;;`, `    ${said(word)}:*) ${otherwise} ;;`];
}
