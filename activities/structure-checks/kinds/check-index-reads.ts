import { setTimeout as rest } from 'node:timers/promises';
import type { PostgresClient } from '../../../adapters/postgres/postgres';
import { findStandbys } from '../../../adapters/rows/copies';
import { readIndexReads, type IndexReads } from '../../../adapters/rows/index-reads';
import type { IndexRemoval } from '../../../contract/plan/removal';
import { finding, type Finding } from '../../../contract/run/findings';
import { shortName } from '../../../contract/text/object-name';
import { counted } from '../../../contract/text/plain-text';
import { quoteLiteral } from '../../../sql/identifier';
import { quoted } from '../../../sql/quoted-statement';

/** Sessions tell what they have read once a second. */
const statisticsMs = 1_200;

/**
 * Who reads it, as far as the server counts: a person answers for what was read, since nobody can tell from a number whether those
 * who read it are gone. Asked again before it is hidden; what was accepted then is asked again only if it was read since.
 */
export async function checkIndexReads(client: PostgresClient, removal: IndexRemoval): Promise<Finding[]> {
  const { schema, index } = removal;
  const name = shortName({ schema, table: index });
  await rest(statisticsMs);
  const reads = await readIndexReads(client, schema, [index]);
  if (reads === undefined) return [];
  return [readHere(name, reads), ...(await readElsewhere(client, removal))];
}

function readHere(name: string, { scans, since, last }: IndexReads): Finding {
  const lastly = last === null ? '' : `, the last one at ${last}`;
  return finding(`use of index ${name}`, scans === null ? 'unknown' : scans === 0 || 'possible', {
    expected: 'no scan of it',
    found:
      scans === null
        ? 'not counted: track_counts is off'
        : `${counted(scans, 'scan')} since ${since ?? 'it was made, or the server counts'}${lastly}`,
    remedy:
      scans === null
        ? 'have track_counts set to on, and wait as long as your rarest job takes; then start the rollout again'
        : 'find out which statements read it (pg_stat_statements, auto_explain), and whether they are gone or quick without it: accept it with the reason, or leave the index out of the plan',
  });
}

/** Replays every change, and counts for itself. */
async function readElsewhere(client: PostgresClient, { schema, index }: IndexRemoval): Promise<Finding[]> {
  const standbys = (await findStandbys(client)).filter(({ replays, state }) => replays || state === null);
  if (standbys.length === 0) return [];
  const names = standbys.map(({ application }) => application ?? '?').join(', ');
  const ask = `select idx_scan from pg_stat_all_indexes where schemaname = ${quoteLiteral(schema)} and indexrelname = ${quoteLiteral(index)}`;
  return [
    finding(`use of index ${shortName({ schema, table: index })} on standbys`, 'possible', {
      expected: 'no server that reads it and can not be seen from here',
      found: `${names}: each counts for itself`,
      remedy: `look there: ${quoted(ask)}, twice, as far apart as your rarest job; accept it with what you saw, or leave the index out`,
    }),
  ];
}
