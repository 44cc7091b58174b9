import type { PostgresClient } from '../../adapters/postgres/postgres';
import {
  findCalledFunctions,
  findEvaluatedFunctions,
  type EvaluatedFunction,
} from '../../adapters/dependents/evaluated-functions';
import { resolve, type Resolution } from '../../adapters/dependents/name-resolution';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { quoted } from '../../sql/quoted-statement';

/**
 * Functions that find names by the search path of whoever calls them, behind indexes, generated columns, checks and domains.
 * Under the path of a restoration (the system's schema alone, as `pg_restore` sets it for every database) they fail with
 * "function … does not exist": then no backup can be proven, and nothing that leans on them built again.
 */
export async function checkEvaluatedFunctions(client: PostgresClient): Promise<Finding[]> {
  const findings: Finding[] = [];
  const open = await findEvaluatedFunctions(client);
  const seen = new Set<string>();
  for (let each = open.shift(); each !== undefined; each = open.shift()) {
    if (seen.has(each.oid)) continue;
    seen.add(each.oid);
    const resolution = await resolve(client, each);
    if ('found' in resolution) open.push(...(await findCalledFunctions(client, each)));
    else findings.push(judge(each, resolution));
  }
  if (findings.length > 0) return findings;
  const facts = { expected: 'those behind indexes, generated columns and checks find all that they name', remedy: '' };
  return [finding('functions in a restoration', true, { ...facts, found: 'all of them' })];
}

function judge(tried: EvaluatedFunction, resolution: Exclude<Resolution, { found: true }>): Finding {
  const { name, places, extension } = tried;
  const expected = 'one that finds all that it names, whoever calls it';
  const check = `function ${name} in a restoration`;
  const used = `${shownPlaces(places)}`;
  if ('unknown' in resolution)
    return {
      ...{ check, status: 'not covered', expected, found: `used by ${used}; not tried: ${resolution.unknown}` },
      remedy:
        'the rehearsal on a copy, and the proof of the backup, try it; give it a search path of its own if they fail',
    };
  const { lost, path } = resolution;
  const sql = `alter function ${name} set search_path = ${path ?? ''}`;
  const found =
    lost === 'lost'
      ? `used by ${used}; under the search path of a restoration a name in it is not found`
      : `used by ${used}; it has a name without a schema, that a restoration would not find when it comes to it`;
  const words =
    extension !== null
      ? `it belongs to the extension ${extension}, whose changes no backup holds: update the extension, or do without in what uses it`
      : path === undefined
        ? 'no schema has all that it names: correct it, or drop what uses it'
        : undefined;
  return finding(check, lost === 'lost' ? false : 'possible', {
    ...{ expected, found },
    ...(words === undefined
      ? {
          remedy: `${quoted(sql)} (the names in it mean what they mean there, for everyone), then start the rollout again`,
          remedySql: [sql],
        }
      : { remedy: `${words}, then start the rollout again` }),
    evidence: { places: places.slice(0, 20) },
  });
}

const shownPlaces = (places: readonly string[]): string =>
  places.length <= 3 ? places.join(', ') : `${places.slice(0, 3).join(', ')} and ${places.length - 3} more`;
