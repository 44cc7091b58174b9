import { parseColumnName } from './object-name';
import { duplicates, type PlanSections, type Problem } from './plan-problem';
import { removalProblems } from './plan-removal-checks';
import { isColumn, isOfThings, isTable, removalsOf, type Removal } from './removals';

/** Checks of what goes and what proves it: `removes`, `proof`, `revision`, `release`, `queries`, `cache`. */
export function dataProblems(plan: PlanSections): Problem[] {
  return [
    ...removalProblems(plan),
    ...proofProblems(plan),
    ...stepProblems('revision', plan.revision),
    ...stepProblems('release', plan.release),
    ...actionProblems(plan),
    ...queryProblems(plan),
    ...cacheProblems(plan),
  ];
}

/** Functions are judged where the statement is made; here only what a proof talks about. */
function proofProblems({ proof }: PlanSections): Problem[] {
  if (proof === undefined) return [];
  const words = proof.replaceAll(/'(?:[^']|'')*'|::\w+/g, "''").matchAll(/[a-z_]\w*(\s*\()?/gi);
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
function actionProblems({ byAction, revision, removes = [] }: PlanSections): Problem[] {
  if (isOfThings({ removes })) return [];
  if (byAction !== undefined && !removalsOf({ removes }).every(isColumn))
    return [
      {
        path: ['byAction'],
        message: 'expected none beside tables or rows, since it would not build them again as they were',
      },
    ];
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
  const { schema, table, column } = parseColumnName(sample);
  const goes = (removal: Removal): boolean =>
    removal.schema === schema && removal.table === table && (isTable(removal) || removal.column === column);
  if (!removals.some(goes)) return [];
  return [{ path, message: `expected a column that stays, found "${sample}", which this plan removes` }];
}

function mentions(sql: string, removals: Removal[], path: PropertyKey[]): Problem[] {
  const text = sql.toLowerCase();
  const words = new Set<string>(text.match(/[\p{L}_][\p{L}\p{M}\p{N}_$]*/gu));
  const names = removals.flatMap((each) => (isColumn(each) ? [each.column] : isTable(each) ? [each.table] : []));
  const going = new Set(names.map((name) => name.toLowerCase()));
  // A name of several words stands in quotes, where a quote is written twice.
  return [...going]
    .filter((name) => words.has(name) || text.includes(`"${name.replaceAll('"', '""')}"`))
    .map((name) => ({ path, message: `expected a statement that works afterwards, found one that names "${name}"` }));
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
