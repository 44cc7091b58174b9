import type { Finding } from '../../contract/run/findings';
import type { Definitions } from '../../contract/run/observed-state';

const check = "staging: definitions against production's";
const expected = 'the same of what is removed, and of what is removed with it';

/** Lines that a person reads before looking into the databases. */
const mostTold = 5;

/**
 * Whether staging has what production has: what is rehearsed on another type or index proves nothing about production, and an
 * earlier rehearsal may have left it so. Undefined: that environment carries the change, or has none. Pure.
 */
export function compareDefinitions(staging: Definitions | undefined, production: Definitions | undefined): Finding[] {
  if (production === undefined) return [];
  if (staging === undefined)
    return [notCovered('staging carries the change already', 'nothing to do: they were compared before it was made')];
  if (staging.major !== production.major)
    return [
      notCovered(
        `PostgreSQL ${staging.major} in staging, ${production.major} in production, which tell them in other words`,
        'nothing to do; staging with the same version proves more',
      ),
    ];
  const names = [...new Set([...Object.keys(staging.objects), ...Object.keys(production.objects)])].sort();
  const differing = names.filter((name) => staging.objects[name]?.digest !== production.objects[name]?.digest);
  const slightly = names.filter(
    (name) => !differing.includes(name) && staging.objects[name]?.slight !== production.objects[name]?.slight,
  );
  const told = (objects: readonly string[]): string =>
    [
      ...objects.slice(0, mostTold).map((name) => line(name, staging, production)),
      ...(objects.length > mostTold ? [`${objects.length - mostTold} more`] : []),
    ].join('; ');
  const remedy =
    'bring staging to what production has, in a migration of its own, then start again; or accept it with the reason why what staging proves holds for production all the same';
  return [
    differing.length === 0
      ? { check, status: 'passed', expected, found: 'the same' }
      : { check, status: 'possible', expected, found: told(differing), remedy },
    ...(slightly.length === 0
      ? []
      : [
          notCovered(
            `other comments or settings of ${slightly.join(', ')}`,
            'nothing to do, unless that was not meant',
          ),
        ]),
  ];
}

const notCovered = (found: string, remedy: string): Finding => ({
  ...{ check: `${check} (told)`, status: 'not covered', expected, found, remedy },
});

function line(name: string, staging: Definitions, production: Definitions): string {
  const [here, there] = [staging.objects[name], production.objects[name]];
  if (here === undefined) return `${name} is not in staging`;
  if (there === undefined) return `${name} is not in production`;
  if (here.says === there.says) return `${name} is defined otherwise`;
  return `${name} is "${here.says ?? '?'}" in staging, "${there.says ?? '?'}" in production`;
}
