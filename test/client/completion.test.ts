import { execFileSync } from 'node:child_process';
import { command } from '../support/looks/command-line';

const scriptFor = async (shell: string): Promise<string> => (await command(['completion', shell])).out;

/** What bash itself puts into COMPREPLY for a command line whose last word is being typed. */
async function completed(line: string): Promise<string[]> {
  const words = line.split(' ');
  const script = `${await scriptFor('bash')}
    complete -p rubicon > /dev/null || exit 1
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
    COMP_CWORD=${words.length - 1}
    _rubicon
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '--noprofile', '-c', script], { encoding: 'utf8' });
  return out.split('\n').filter((each) => each !== '');
}

describe('in bash', () => {
  test.each<[string, string[]]>([
    ['rubicon sta', ['start', 'status']],
    ['rubicon plan ', ['check', 'show', 'new']],
    ['rubicon start --until ', ['preflight', 'staging']],
    ['rubicon status some/run -o ', ['text', 'json']],
    ['rubicon answer some/run a', ['accept', 'abort']],
    ['rubicon completion ', ['bash', 'zsh', 'fish']],
    ['rubicon plan show --as ', ['runbook']],
    ['rubicon plan new my-plan --drop', ['--drop', '--drop-table', '--drop-index']],
    ['rubicon doctor --conn', ['--connect']],
    ['rubicon --v', ['--version']],
  ])('"%s" goes on as %j', async (line, expected) => {
    expect(await completed(line)).toEqual(expected);
  });

  test('all options of a word are offered, and no other', async () => {
    const offered = await completed('rubicon abort some/run -');
    expect(offered).toEqual(expect.arrayContaining(['--reason', '--output', '-o', '--address', '--help', '-h']));
    expect(offered).not.toContain('--plan');
  });

  test('what only a person knows is not guessed at', async () => {
    expect(await completed('rubicon start --requested-by ')).toEqual([]);
    expect(await completed('rubicon plan check ')).toEqual([]); // a file, which readline finds
  });
});

test.each(['zsh', 'fish'])('the script for %s has every word, option and choice', async (shell) => {
  const script = await scriptFor(shell);
  for (const part of ['rollback', 'check', 'until', 'preflight', 'delete-rows', 'connect'])
    expect(script).toContain(part);
});

test('another shell is refused', async () => {
  expect(await command(['completion', 'csh'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('bash, zsh, fish'),
  });
});
