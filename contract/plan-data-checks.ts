import { removalsOf, type Removal } from './plan';
import { duplicates, type PlanSections, type Problem } from './plan-problem';

/** Checks of what goes and what proves it: `removes`, `proof`, `revision`, `release`, `queries`, `cache`. */
export function dataProblems(plan: PlanSections): Problem[] {
  return [
    ...removalProblems(plan),
    ...keepingProblems(plan),
    ...proofProblems(plan),
    ...stepProblems('revision', plan.revision),
    ...stepProblems('release', plan.release),
    ...actionProblems(plan),
    ...queryProblems(plan),
    ...cacheProblems(plan),
  ];
}

function removalProblems({ removes = [] }: PlanSections): Problem[] {
  const removals = removes.map((removal) => removalsOf({ removes: [removal] })[0]!);
  const names = removals.map(nameOf);
  return [
    ...duplicates(names, (index) => ['removes', index, 'column']),
    ...removals.flatMap((removal, index) => replacementProblems(removal, names, ['removes', index, 'replacedBy'])),
    ...removes.flatMap((removal, index) => primaryKeyProblems(removal, ['removes', index, 'primaryKey'])),
  ];
}

/** Either a proof speaks of all values, or they are all kept by their row. */
function keepingProblems({ removes = [], proof }: PlanSections): Problem[] {
  const replaced = removes.flatMap(({ replacedBy }, index) => (replacedBy === undefined ? [] : [index]));
  if (proof === undefined) {
    return replaced.map((index) => ({
      path: ['removes', index, 'replacedBy'],
      message: 'expected a "proof" beside it, found none; add it, or leave this out: values are kept by their row then',
    }));
  }
  return removes.flatMap((_, index) =>
    replaced.includes(index)
      ? []
      : [
          {
            path: ['removes', index],
            message:
              'expected "replacedBy", since the plan has a proof, found none; give this column a plan of its own',
          },
        ],
  );
}

function primaryKeyProblems({ column, replacedBy, primaryKey }: Removed, path: PropertyKey[]): Problem[] {
  if (primaryKey === undefined) return [];
  if (replacedBy !== undefined) {
    return [{ path, message: 'expected none beside "replacedBy", which its values are found by; leave it out' }];
  }
  const problem = (name: string, expected: string): Problem => ({
    path,
    message: `expected ${expected}, found "${name}"`,
  });
  return primaryKey.flatMap((name) => [
    ...(name.includes('.') ? [problem(name, 'names of columns of the same table')] : []),
    ...(column.endsWith(`.${name}`) ? [problem(name, 'columns that stay')] : []),
  ]);
}

type Removed = NonNullable<PlanSections['removes']>[number];

function replacementProblems(removal: Removal, removed: string[], path: PropertyKey[]): Problem[] {
  const { replacedBy } = removal;
  if (replacedBy === undefined) return [];
  if (replacedBy.includes('.')) {
    return [
      { path, message: `expected the name of a column of the same table, found "${replacedBy}"; leave out the table` },
    ];
  }
  const replacement = nameOf({ ...removal, column: replacedBy });
  if (!removed.includes(replacement)) return [];
  return [{ path, message: `expected a column that stays, found "${replacedBy}", which this plan removes` }];
}

const nameOf = ({ schema, table, column }: Removal): string => `${schema}.${table}.${column}`;

/** Functions are judged where the statement is made; here only what a proof talks about. */
function proofProblems({ proof }: PlanSections): Problem[] {
  if (proof === undefined) return [];
  const words = proof.replaceAll(/'(?:[^']|'')*'/g, "''").matchAll(/[a-z_]\w*(\s*\()?/gi);
  const names = [...words].filter(([, call]) => call === undefined).map(([word]) => word.toLowerCase());
  const subjects = ['replacement', 'removed'];
  const foreign = names.filter((name) => !subjects.includes(name) && !proofKeywords.includes(name));
  return [
    ...foreign.map((name) => ({
      path: ['proof'],
      message: `expected only the words "replacement" and "removed", found "${name}"`,
    })),
    ...subjects
      .filter((name) => !names.includes(name))
      .map((name) => ({
        path: ['proof'],
        message: `expected the word "${name}", found none; without it nothing is proven`,
      })),
  ];
}

const proofKeywords = ['and', 'or', 'not', 'is', 'null', 'true', 'false'];

function stepProblems(section: string, step: { from: string; to: string } | undefined): Problem[] {
  if (step === undefined || step.from !== step.to) return [];
  return [{ path: [section, 'to'], message: `expected another one than "from", found "${step.to}" for both` }];
}

/** A tool is told where to go, and asked whether it has arrived. */
function actionProblems({ byAction, revision }: PlanSections): Problem[] {
  if (byAction === undefined || revision !== undefined) return [];
  const message =
    'expected a "revision" beside it, found none: an action migrates to exactly that one, never to "head"';
  return [{ path: ['byAction'], message }];
}

/** What is sampled and asked has to work afterwards, and must not bring a dying value to light. */
function queryProblems({ queries = [], removes = [], probes = [] }: PlanSections): Problem[] {
  const removals = removalsOf({ removes });
  const names = queries.map(({ name }) => name);
  return [
    ...duplicates(names, (index) => ['queries', index, 'name']),
    ...queries.flatMap(({ sql, sample }, index) => [
      ...sampleProblems(sample, removals, ['queries', index, 'sample']),
      ...mentions(sql, removals, ['queries', index, 'sql']),
    ]),
    ...probes.flatMap(({ sample }, index) => (sample ? mentions(sample, removals, ['probes', index, 'sample']) : [])),
  ];
}

function sampleProblems(sample: string, removals: Removal[], path: PropertyKey[]): Problem[] {
  const isName = /^([a-z_][a-z0-9_$]*\.){1,2}[a-z_][a-z0-9_$]*$/i.test(sample);
  if (!isName) return [{ path, message: `expected "table.column" in plain names, found "${sample}"` }];
  const [column = '', table, schema = 'public'] = sample.split('.').reverse();
  if (!removals.some((removal) => nameOf(removal) === `${schema}.${table}.${column}`)) return [];
  return [{ path, message: `expected a column that stays, found "${sample}", which this plan removes` }];
}

function mentions(sql: string, removals: Removal[], path: PropertyKey[]): Problem[] {
  const words: string[] = sql.toLowerCase().match(/[a-z_][a-z0-9_$]*/g) ?? [];
  const columns = new Set(removals.map(({ column }) => column.toLowerCase()));
  return [...columns]
    .filter((column) => words.includes(column))
    .map((column) => ({
      path,
      message: `expected a statement that works afterwards, found one that names "${column}"`,
    }));
}

function cacheProblems({ cache }: PlanSections): Problem[] {
  if (cache === undefined) return [];
  const prefixes = cache.flush.map((pattern) => pattern.slice(0, -1));
  return [
    ...duplicates(cache.flush, (index) => ['cache', 'flush', index]),
    ...cache.residual.flatMap((pattern, index) => {
      const prefix = prefixes.find(
        (flushed) => pattern.startsWith(flushed) || flushed.startsWith(pattern.slice(0, -1)),
      );
      if (prefix === undefined) return [];
      const message = `expected keys that the flush leaves alone, found "${pattern}", which overlaps with "${prefix}*"`;
      return [{ path: ['cache', 'residual', index], message }];
    }),
  ];
}
