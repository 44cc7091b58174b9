import type { Word, WordOption } from './words';

/** A script for fish, which shows descriptions, too. */
export const fishCompletion = (words: readonly Word[]): string => `# rubicon in fish: rubicon completion fish | source
complete -c rubicon -f
${words.flatMap((word) => linesOf(word, words)).join('\n')}
`;

function linesOf(word: Word, all: readonly Word[]): string[] {
  const when = `complete -c rubicon -n '${condition(word)}'`;
  return [
    ...word.next.map((name) => {
      const path = `${word.path} ${name}`.trim();
      return `${when} -a '${name}' -d '${quoted(all.find((each) => each.path === path)?.description ?? '')}'`;
    }),
    ...(word.choices.length > 0 ? [`${when} -a '${word.choices.join(' ')}'`] : []),
    ...(word.takesFile ? [`${when} -F`] : []),
    ...word.options.map((option) => `${when} ${optionOf(option)} -d '${quoted(option.description)}'`),
  ];
}

/** The words were said, and none of those that can follow. */
function condition({ path, next }: Word): string {
  if (path === '') return '__fish_use_subcommand';
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const notYet = next.length > 0 ? [`not __fish_seen_subcommand_from ${next.join(' ')}`] : [];
  return [...seen, ...notYet].join('; and ');
}

function optionOf({ long, short, value, choices }: WordOption): string {
  const names = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
  const after = { none: '', file: ' -rF', choice: ` -x -a '${choices.join(' ')}'`, other: ' -x' };
  return names + after[value];
}

/** Within single quotes. */
const quoted = (text: string): string => text.replace(/[\\']/g, (sign) => `\\${sign}`);
