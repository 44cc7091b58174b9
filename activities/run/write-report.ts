import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../adapters/files/replace-file';
import { digestOf } from '../../contract/text/digest';
import type { Facts } from '../../contract/run/facts';
import type { ControlActivities } from '../../contract/activities/control-activities';
import { jsonReport } from '../../report/json';
import { markdownReport } from '../../report/markdown';

/**
 * Leaves the report as two files, for people and for auditors. Guards against an ending that nobody can account for
 * later, and against one that is changed afterwards: what was written stays. A second run finds its own; one that says something
 * else, or is of another run, gets files of its own.
 */
export function createWriteReport({ reportsFolder }: { reportsFolder: string }): ControlActivities['writeReport'] {
  return async ({ facts }) => {
    for (let version = 1; ; version += 1) {
      const path = resolve(join(reportsFolder, `${fileName(facts)}${version === 1 ? '' : `-${version}`}`));
      const markdown = `${path}.md`;
      const complete = { ...facts, report: markdown };
      const text = markdownReport(complete);
      const written = await textOf(markdown);
      if (written === text) return { markdown };
      if (written !== undefined) continue;
      await replaceFile(`${path}.json`, jsonReport(complete));
      // Last: whoever finds it finds the other too.
      await replaceFile(markdown, text);
      return { markdown };
    }
  };
}

/** Undefined if there is none. */
const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

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
