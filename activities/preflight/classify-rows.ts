import type { PerformOfPlan } from '../statements/of-known-plan';
import type { ClassesProgress } from '../../adapters/rows/classes';
import { withoutText } from '../../adapters/postgres/postgres-error';
import { withSnapshotSessions, type SnapshotSessions } from '../../adapters/postgres/snapshot-sessions';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { shownPart } from '../../contract/text/object-name';
import type { Plan } from '../../contract/plan/plan';
import type { ValueRemoval } from '../../contract/plan/removal';
import { isKeptByRow, withValues } from '../../contract/plan/removals';
import type { RowClasses } from '../../contract/run/observed-state';
import { countRowsTogether } from '../state/count-rows';
import { withSessions } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { heartbeat, lastHeartbeat, withHeartbeat } from '../environment/heartbeat';
import { knownPlan } from '../statements/known-plan';

/** What an attempt leaves to the next one. */
interface Progress {
  /** Of the tables that are counted to their end, in the plan's order. */
  rows: RowClasses[];
  /** How far the next one is. */
  table?: ClassesProgress | undefined;
}

/**
 * Counts rows by what they have of the removed column and of its replacement, on two sessions in one snapshot. Guards
 * against rows that would be locked out (another hash) or open to everybody (no hash) without the removed column. Reads
 * only.
 *
 * A second attempt goes on after the last range of pages. It sees a later state than the first one did, so that rows which
 * moved in between may be counted twice or not at all. That is good enough here, where rows are still being written and
 * the answer is old as soon as it is given. The drop relies on the final copy, which proves every pair behind the freeze.
 */
export function createClassifyRows({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'classifyRows'> {
  return ({ target, newReleaseServes, planDigest, removes, proof }) => {
    let progress = lastHeartbeat<Progress>() ?? { rows: [] };
    const keep = (next: Progress): void => heartbeat((progress = next));

    const count = async (plan: Plan, sessions: SnapshotSessions, removal: ValueRemoval): Promise<void> => {
      const { rows, table: resumeFrom } = progress;
      const onRange = (table: ClassesProgress): void => keep({ rows, table });
      keep({ rows: [...rows, await countRowsTogether(sessions, removal, { proof: plan.proof, resumeFrom, onRange })] });
    };
    return withHeartbeat(
      async (signal) => {
        const environment = find(target);
        const part = { planDigest, removes, ...(proof !== undefined && { proof }) };
        const plan = await knownPlan(environment, part);
        const left = withValues(plan).slice(progress.rows.length);
        const countLeft = async (sessions: SnapshotSessions): Promise<void> => {
          for (const removal of left) await count(plan, sessions, removal);
        };
        await withSessions(environment, 'rows', (postgres) =>
          withSnapshotSessions(postgres, { tables: left, signal }, countLeft),
        ).catch((error: unknown) => {
          throw withoutText(error, 'proof');
        });
        const { rows } = progress;
        return {
          rows,
          findings: rows.flatMap((counts) => (isKeptByRow(plan) ? judgeByRow : judge)(counts, newReleaseServes)),
        };
      },
      () => progress,
    );
  };
}

const values = ({ table, column, match, total }: RowClasses): Finding =>
  finding(
    column === undefined ? `rows of ${table} that go` : `rows of ${table} with a value in ${shownPart(column)}`,
    true,
    {
      expected: 'any number: each is in the backup, and in the final copy by its primary key',
      found: `${match} of ${total}`,
      remedy: '',
    },
  );

/**
 * Before the new release serves, each value has to fit what replaces it. Afterwards that alone is written: then a value
 * that does not fit is only out of date.
 */
function judgeByRow(rows: RowClasses, newReleaseServes: boolean): Finding[] {
  if (rows.byRow === true) return [values(rows)];
  const { table, total, mismatch, valueWithoutReplacement, replacementWithoutValue } = rows;
  const line = (what: string, count: number, remedy: string): Finding =>
    finding(`rows of ${table} ${what}`, newReleaseServes || count === 0, {
      expected: newReleaseServes ? 'any number: the new release writes the replacement alone' : '0',
      found: `${count} of ${total}`,
      remedy,
      evidence: rows,
    });
  return [
    line('whose proof does not hold', mismatch, 'their values would be lost: run the back-fill, or fix the proof'),
    line('with a value and no replacement', valueWithoutReplacement, 'their values would be lost: run the back-fill'),
    line(
      'with a replacement and no value',
      replacementWithoutValue,
      'the old release finds no value there: ask who writes them',
    ),
  ];
}

const leftByRollback = (of: string, placeholders: number): Finding =>
  finding(`${of} with an unusable placeholder`, true, {
    expected: 'any number: an earlier rollback had no key for them and made them inaccessible; it counts as no value',
    found: `${placeholders}`,
    remedy: '',
  });

const backfill = 'run the hash back-fill, then start the rollout again';

/** The back-fill would write the hash of an old key over the only thing that authenticates the owner. */
const hashIsRight =
  'the release that serves authenticates by the hash alone: ask who has written these rows; where the hash is right, set the key to null, and never run the back-fill over them';

function judge(rows: RowClasses, newReleaseServes: boolean): Finding[] {
  const evidence = rows;
  const of = `rows of ${rows.table}`;
  const { placeholders = 0 } = rows;
  // Nobody sees these: the placeholder is in the place of the key.
  const open = Math.max(0, rows.replacementWithoutValue - placeholders);
  const newer = finding(`${of} with a hash and no key`, newReleaseServes || open === 0, {
    expected: newReleaseServes ? 'any number, since the new release writes no key' : '0',
    found: `${open}`,
    remedy: 'the old release shows such rows to everyone: find out who writes them',
  });
  return [
    finding(`${of} whose proof does not hold`, rows.mismatch === 0, {
      expected: '0 rows whose hash is not that of their key',
      found: `${rows.mismatch} of ${rows.total}`,
      remedy: newReleaseServes ? hashIsRight : `their owners would be locked out: ${backfill}`,
      evidence,
    }),
    finding(`${of} with a key and no hash`, rows.valueWithoutReplacement === 0, {
      expected: '0 rows',
      found: `${rows.valueWithoutReplacement} of ${rows.total}`,
      remedy: `they would be open to everyone: ${backfill}`,
    }),
    newer,
    ...(placeholders === 0 ? [] : [leftByRollback(of, placeholders)]),
    finding(`public ${of}`, true, {
      expected: 'any number: seen by everyone, before and after',
      found: `${rows.public} of ${rows.total}`,
      remedy: '',
    }),
  ];
}
