import { readableDuration } from '../../contract/text/duration';
import type { Facts } from '../../contract/run/facts';
import { readableInstant } from '../../contract/text/instant';
import { escapeMarkdown } from '../../contract/text/markdown-text';
import { environments } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import type { CopyRehearsal } from '../../contract/run/receipts';
import { chapter, table } from '../markdown-table';

/** The way there and back on throw-away servers, before anything real was touched, and how far each of them reached. */
export function rehearsalChapter(facts: Facts): string {
  const rows = environments.flatMap((name) => {
    const { rehearsal, proof } = facts.environments[name];
    return [rehearsal, proof?.rehearsal].flatMap((each) => (each === undefined ? [] : [rowOf(name, each)]));
  });
  return chapter(
    'Rehearsal on the copy',
    rows.length === 0
      ? ''
      : 'The functions of the rollout ran freeze, final copy, hide, drop, rebuild, refill and end of the write guard on ' +
          'throw-away servers; definitions, rights, comments, rows and sequences were compared with the state before.',
    table(['copy of', 'extent', 'result', 'not covered', 'at'], rows),
  );
}

const rowOf = (name: string, rehearsal: CopyRehearsal): string[] => {
  const { extent, rows, tables, steps, passed, lacks, notCovered, tookMs, endedAt } = rehearsal;
  const what = extent === 'all rows' ? 'the proven backup, all rows' : 'all definitions, a sample of rows';
  return [
    name,
    `${what}: ${counted(rows, 'row')} of ${counted(tables, 'table')}`,
    `${passed ? '✓ equal' : lacks.length > 0 ? '○ equal for what it covers' : '⚠ not equal'}, ${counted(steps.length, 'step')} in ${readableDuration(tookMs)}`,
    escapeMarkdown([...lacks, ...notCovered].join('; ') || 'nothing', 400),
    readableInstant(endedAt),
  ];
};
