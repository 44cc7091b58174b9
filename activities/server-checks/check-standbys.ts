import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findStandbys, readLogKeeping } from '../../adapters/rows/copies';
import type { LogKeeping, StandbyFacts } from '../../adapters/rows/copies';
import { readRoleName } from '../../adapters/server/role-name';
import { readableDuration } from '../../contract/text/duration';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { quoteLiteral } from '../../sql/identifier';
import { quoted } from '../../sql/quoted-statement';
import { byStatements } from '../environment/remedies';

/**
 * Who would wait behind this change on a standby: while one long reader keeps it from being replayed, everybody else who
 * reads these tables there waits, too. And where the write-ahead log is kept, since it holds what is removed.
 */
export async function checkStandbys(client: PostgresClient, limitMs: number): Promise<Finding[]> {
  const standbys = await findStandbys(client);
  const role = await readRoleName(client);
  return [
    ...standbys.flatMap((standby) => (standby.replays ? replaying(standby, limitMs) : [receiving(standby, role)])),
    keeping(await readLogKeeping(client)),
  ];
}

/** A standby's reader that is so many transactions behind is a long one. */
const longReaderTransactions = 10_000;

function replaying({ application, state, replayLagMs, readerAgeTransactions: age }: StandbyFacts, limitMs: number) {
  const name = nameOf(application);
  const limit = readableDuration(limitMs);
  const isLate = (replayLagMs ?? 0) > limitMs || (age ?? 0) > longReaderTransactions;
  const lag = replayLagMs === null ? 'no lag' : `${readableDuration(replayLagMs)} behind`;
  const reader = age === null ? 'no word of its readers' : `oldest reader ${age} transactions old`;
  return [
    finding(`standby ${name}`, !isLate, {
      expected: `replay within ${limit}, no long reader`,
      found: `${state ?? '?'}, ${lag}, ${reader}`,
      remedy: 'its readers would wait behind this change: wait for the end of its long transactions, or end them',
      remains: [`the standby "${name}": pages and log`],
    }),
    readersOf(name, limit, age),
  ];
}

/** What limits the waiting is a setting of the standby, and can't be read from here. */
function readersOf(name: string, limit: string, age: number | null): Finding {
  const feedback = age === null ? 'hot_standby_feedback is off there' : 'it tells how old its oldest reader is';
  return {
    check: `readers of standby ${name}`,
    status: 'not covered',
    expected: `no transaction above ${limit} there, and a short max_standby_streaming_delay`,
    found: `not to be seen from the primary; ${feedback}`,
    remedy:
      `look on ${name} and on standbys behind it: "show max_standby_streaming_delay" (for so long one long reader makes all ` +
      'others wait; -1 is without end) and "select pid, usename, now() - xact_start from pg_stat_activity where state is ' +
      'not null order by xact_start"; end long readers, or lower the limit while production is changed',
  };
}

/** Not a standby that people read from; or one that this role may not look at. */
function receiving({ application, state }: StandbyFacts, role: string): Finding {
  const name = nameOf(application);
  return finding(`standby ${name}`, state === null ? 'unknown' : true, {
    expected: 'its state',
    found: state === null ? 'no right to see it' : `${state}, keeps the log and replays nothing`,
    ...byStatements([`grant pg_read_all_stats to ${role}`], ''),
    remains: [state === null ? `the standby "${name}": pages and log` : `the log that "${name}" receives`],
  });
}

/** Where values that were written once can be read from for as long as it is kept. */
function keeping({ archive, idleSlots }: LogKeeping): Finding {
  const slots = idleSlots.map((name) => `"${name}"`).join(', ');
  const facts = {
    check: 'write-ahead log',
    expected: 'no slot that no one reads',
    found: `archive_mode ${archive}, ${slots === '' ? 'no idle slot' : `kept without end for the idle slots ${slots}`}`,
    remains: [
      ...(archive === 'off' ? [] : [`the archive of the write-ahead log (archive_mode is ${archive})`]),
      ...idleSlots.map((name) => `the log that is kept for the idle slot "${name}", and whoever reads it later`),
    ],
  };
  if (slots === '') return { ...facts, status: 'passed' };
  const drops = idleSlots.map((name) => quoted(`select pg_drop_replication_slot(${quoteLiteral(name)})`)).join(', ');
  const remedy = `drop a slot that no one comes back to (${drops}): it also fills the disk`;
  return { ...facts, status: 'not covered', remedy };
}

const nameOf = (application: string | null): string => application ?? '?';
