import { join, resolve } from 'node:path';
import { replaceFile } from '../../adapters/files/replace-file';
import { digestOf } from '../../contract/text/digest';
import type { Facts } from '../../contract/run/facts';
import type { ControlActivities } from '../../contract/activities/control-activities';
import { jsonReport } from '../../report/json';
import { markdownReport } from '../../report/markdown';

/**
 * Leaves the report as two files, for people and for auditors. Guards against an ending that nobody can account for
 * later. A second run writes the same two files over; another run of the same workflow id has files of its own.
 */
export function createWriteReport({ reportsFolder }: { reportsFolder: string }): ControlActivities['writeReport'] {
  return async ({ facts }) => {
    const path = resolve(join(reportsFolder, fileName(facts)));
    const markdown = `${path}.md`;
    const complete = { ...facts, report: markdown };
    await replaceFile(`${path}.json`, jsonReport(complete));
    // Last: whoever finds it finds the other too.
    await replaceFile(markdown, markdownReport(complete));
    return { markdown };
  };
}

/** What people look for first; the digest keeps names apart that look alike once they are made safe. */
function fileName({ run, plan, order }: Facts): string {
  const { workflowId, firstRun, target } = run;
  const safe = (text: string): string => text.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+|-+$/g, '');
  const id = safe(workflowId);
  const parts = [target, plan?.name ?? order.plan ?? ''].map(safe).filter((part) => part !== '' && !id.includes(part));
  const digest = digestOf([workflowId, firstRun]).slice(0, 8);
  return [...parts, id]
    .map((part) => part.slice(0, 60))
    .concat(digest)
    .join('-');
}
