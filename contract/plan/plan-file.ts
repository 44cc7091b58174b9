import { canonicalJson } from '../text/canonical-json';
import { fieldName, inOrder, type Fault } from '../text/faults';
import { parseSections } from '../text/parse-sections';
import { planSchema, type Plan } from './plan';
import { dataProblems } from './data-checks';
import { durationProblems } from './duration-checks';
import type { PlanSections, Problem } from './problem';
import { explainRewrites } from './rewrites';
import { watchProblems } from './watch-checks';
import { readYaml, type YamlFile } from '../text/yaml-file';
import { yamlLimits } from '../text/yaml-limits';

/** Looks at what could be parsed of a plan. */
export type PlanCheck = (sections: PlanSections) => Problem[];

/** Options of {@link parsePlanFile}. */
export interface PlanFileOptions {
  /** For the places of faults; default `plan.yaml`. */
  fileName?: string | undefined;
  /** By rooms that this one knows nothing of; default none. */
  furtherChecks?: readonly PlanCheck[];
}

/**
 * Parses the text of a `plan.yaml`, which anybody may have written. Its statements are not judged here: see `readPlanFile`.
 *
 * @param name of the plan: its folder's name
 * @returns the plan with all defaults, or every fault at once, in the order of the file: `plan.yaml:12:5`
 */
export function parsePlanFile(
  name: string,
  text: string,
  { fileName = 'plan.yaml', furtherChecks = [] }: PlanFileOptions = {},
): { plan: Plan } | { faults: Fault[] } {
  const { file, faults: yamlFaults } = readYaml(text, fileName);
  if (file === undefined) return { faults: inOrder(yamlFaults) };
  const { sections, faults } = parseSections(planSchema.omit({ name: true }), file, { quotes: true });
  const problems = [dataProblems, watchProblems, durationProblems, ...furtherChecks]
    .flatMap((check) => check(sections))
    .map(({ path, message, offset }) => ({
      place: offset === undefined ? file.placeOf(path) : file.placeWithin(path, offset),
      message: `${fieldName(path)}: ${message}`,
    }));
  const all = [
    ...nameFaults(name, fileName),
    ...inOrder([...logFaults(file), ...yamlFaults, ...explainRewrites(faults), ...problems]),
  ];
  if (all.length > 0) return { faults: all };
  const plan = planSchema.parse({ ...sections, name });
  const sizeBytes = new TextEncoder().encode(canonicalJson(plan)).length;
  if (sizeBytes <= yamlLimits.bytes) return { plan };
  const message = `expected at most ${yamlLimits.bytes} bytes with all defaults, found ${sizeBytes}; shorten it`;
  return { faults: [{ place: fileName, message }] };
}

function nameFaults(name: string, fileName: string): Fault[] {
  const parsed = planSchema.shape.name.safeParse(name);
  if (parsed.success) return [];
  return [
    {
      place: fileName,
      message: `name of its folder: ${parsed.error.issues[0]?.message}, found ${JSON.stringify(name)}`,
    },
  ];
}

/** All measures of `watch` come from the log: without one every sample would be unknown, and no soak would ever end. */
function logFaults({ value, placeOf }: YamlFile): Fault[] {
  if (typeof value !== 'object' || value === null || 'log' in value) return [];
  return [
    { place: placeOf(['watch'], 'key'), message: 'watch: expected a section "log" to measure by, found none; add it' },
  ];
}
