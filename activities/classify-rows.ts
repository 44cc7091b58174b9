import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import type { EnvironmentActivities } from '../contract/steps';
import type { RowClasses } from '../contract/world';
import { countRows } from './count-rows';
import { withDatabase } from './database';
import type { FindEnvironment } from './environment';
import { lastHeartbeat, withHeartbeat } from './heartbeat';

/**
 * Counts rows by what they have of the removed column and of its replacement. Guards against rows that would be locked
 * out (another hash) or open to everybody (no hash) without the removed column. Reads only.
 *
 * A second attempt goes on after the last table that was counted to its end.
 */
export function createClassifyRows({
  environment: find,
}: {
  environment: FindEnvironment;
}): EnvironmentActivities['classifyRows'] {
  return ({ target, newReleaseServes, ...plan }) => {
    const rows = lastHeartbeat<RowClasses[]>() ?? [];
    return withHeartbeat(
      async (signal) => {
        await withDatabase(
          find(target),
          'rows',
          async (client) => {
            for (const removal of removalsOf(plan).slice(rows.length)) {
              rows.push(await countRows(client, removal, plan, signal));
            }
          },
          signal,
        );
        return { rows, findings: rows.flatMap((counts) => judge(counts, newReleaseServes)) };
      },
      () => rows,
    );
  };
}

const backfill = 'run the hash back-fill, then start the rollout again';

function judge(rows: RowClasses, newReleaseServes: boolean): Finding[] {
  const evidence = rows;
  const of = `rows of ${rows.table}`;
  const newer = finding(`${of} with a hash and no key`, newReleaseServes || rows.hashWithoutKey === 0, {
    expected: newReleaseServes ? 'any number, since the new release writes no key' : '0',
    found: `${rows.hashWithoutKey}`,
    remedy: 'the old release shows such rows to everybody: find out who writes them',
  });
  return [
    finding(`${of} whose proof does not hold`, rows.mismatch === 0, {
      expected: '0 rows whose hash is not that of their key',
      found: `${rows.mismatch} of ${rows.total}`,
      remedy: `their owners would be locked out: ${backfill}`,
      evidence,
    }),
    finding(`${of} with a key and no hash`, rows.keyWithoutHash === 0, {
      expected: '0 rows',
      found: `${rows.keyWithoutHash} of ${rows.total}`,
      remedy: `they would be open to everybody: ${backfill}`,
    }),
    newer,
    finding(`public ${of}`, true, {
      expected: 'any number: seen by everybody, before and after',
      found: `${rows.public} of ${rows.total}`,
      remedy: '',
    }),
  ];
}
