import { parseColumnName } from '../text/object-name';
import { duplicates, type PlanSections, type Problem } from './problem';
import type { Query } from './evidence';
import { traits } from './kinds';
import { goneIndexes, takesColumn } from './places';
import type { DatabaseRemoval } from './removal';
import { removalProblems } from './removal-checks';
import { parseRemoval, removalsOf } from './removals';

/**
 * Checks of what goes and what is used instead: `removes`, `revision`, `release`, `queries`, `cache`. Statements are judged
 * by the server's grammar, see `statementProblems`.
 */
export function dataProblems(plan: PlanSections): Problem[] {
  return [
    ...removalProblems(plan),
    ...stepProblems('revision', plan.revision),
    ...stepProblems('release', plan.release),
    ...actionProblems(plan),
    ...queryProblems(plan),
    ...cacheProblems(plan),
  ];
}

function stepProblems(section: string, step: { from: string; to: string } | undefined): Problem[] {
  if (step === undefined || step.from !== step.to) return [];
  return [{ path: [section, 'to'], message: `expected another one than "from", found "${step.to}" for both` }];
}

/** A tool is told where to go, and asked whether it has arrived. */
function actionProblems({ byAction, revision, removes = [] }: PlanSections): Problem[] {
  const kinds = removes.map((removal) => traits[parseRemoval(removal).kind]);
  if (kinds.some((kind) => kind.byAction === 'everything')) return []; // judged with what it removes
  const never = kinds.find((kind) => kind.byAction === 'never');
  if (byAction !== undefined && never !== undefined)
    return [
      {
        path: ['byAction'],
        message: `expected none beside ${never.plural}, since it would not build them again as they were`,
      },
    ];
  if (byAction === undefined || revision !== undefined) return [];
  const message =
    'expected a "revision" beside it, found none: an action migrates to exactly that one, never to "head"';
  return [{ path: ['byAction'], message }];
}

/** What is sampled has to be there afterwards, and must not be a dying value. */
function queryProblems({ queries = [], removes = [] }: PlanSections): Problem[] {
  const removals = removalsOf({ removes });
  const names = queries.map(({ name }) => name);
  return [
    ...duplicates(names, (index) => ['queries', index, 'name']),
    ...queries.flatMap(({ sample }, index) => sampleProblems(sample, removals, ['queries', index, 'sample'])),
    ...queries.flatMap((query, index) => indexProblems(query, removals, ['queries', index, 'index'])),
  ];
}

function sampleProblems(sample: string, removals: DatabaseRemoval[], path: PropertyKey[]): Problem[] {
  const read = parseColumnName(sample);
  if (!removals.some((removal) => takesColumn(removal, read))) return [];
  return [{ path, message: `expected a column that stays, found "${sample}", which this plan removes` }];
}

/** A query that is meant for what goes would be slow afterwards. */
function indexProblems({ index, sample }: Query, removals: DatabaseRemoval[], path: PropertyKey[]): Problem[] {
  const { schema } = parseColumnName(sample);
  if (!goneIndexes(removals).some((removal) => removal.schema === schema && removal.index === index)) return [];
  return [{ path, message: `expected an index that stays, found "${index}", which this plan removes` }];
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
