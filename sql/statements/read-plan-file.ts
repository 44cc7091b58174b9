import type { Fault } from '../../contract/text/faults';
import type { Plan } from '../../contract/plan/plan';
import { parsePlanFile } from '../../contract/plan/plan-file';
import { loadGrammar } from './grammar';
import { statementProblems } from './plan-statements';

/**
 * Parses the text of a `plan.yaml`, and judges its statements by the server's own grammar.
 *
 * @param name of the plan: its folder's name
 * @param fileName for the places of faults
 * @returns the plan with all defaults, or every fault at once, in the order of the file: `plan.yaml:12:5`
 */
export async function readPlanFile(
  name: string,
  text: string,
  fileName?: string,
): Promise<{ plan: Plan } | { faults: Fault[] }> {
  await loadGrammar();
  return parsePlanFile(name, text, { fileName, furtherChecks: [statementProblems] });
}
