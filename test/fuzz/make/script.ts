import type { Case } from './make-case';
import { roles } from './making';
import { quoted } from './names';
import { statementsOf, writesOf, type Part } from './parts';
import { planText } from './plan-text';

/** A case for people: a script for psql that makes its database, and the plan. */
export function scriptOf(made: Case, parts: readonly Part[]): string {
  const names = [...roles.owners, ...roles.others, roles.worker];
  const lines = statementsOf(parts).map(({ sql }) => `${sql};`);
  const writes = writesOf(parts);
  const used = (word: string): boolean => lines.some((line) => line.includes(word));
  return [
    `-- seed ${made.seed}: ${made.kind}, by ${made.worker === 'least' ? 'a worker with the least rights' : 'a superuser'}${made.stops ? ', put back before the drop' : ''}${made.twice ? ', each step twice' : ''}`,
    ...names.filter((name) => used(quoted(name)) || used(name)).map((name) => `create role ${quoted(name)};`),
    ...(used('fuzz_space')
      ? [`create tablespace fuzz_space location '/an/empty/folder'; grant create on tablespace fuzz_space to public;`]
      : []),
    `grant create on schema public to public;`,
    ...lines,
    ...(writes.length === 0
      ? []
      : ['', '-- after the final copy, before anything is hidden:', ...writes.map((sql) => `-- ${sql};`)]),
    '',
    '-- plan.yaml',
    ...(planText(made, parts) ?? '').split('\n').map((line) => `-- ${line}`),
  ].join('\n');
}
