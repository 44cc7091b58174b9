import type { PostgresClient } from '../../adapters/postgres/postgres';
import { snapshotOf, type CatalogueFacts } from '../../adapters/catalogue/catalogue-snapshot';
import { digestOf } from '../../contract/text/digest';
import { placeOf } from '../../contract/plan/places';
import { removalsOf } from '../../contract/plan/removals';
import type { Definitions, ObjectDefinition } from '../../contract/run/observed-state';
import { withSession } from '../environment/database';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import type { PerformOfPlan } from '../statements/of-known-plan';

/** Environments have roles and disks of their own. */
const ofEnvironment = /^(?:rel|typ|pro|nsp|stx|ev|pub|sub)?owner$|acl$|tablespace$/;

/** What changes neither what can be written nor how it is found: told, and no reason to stop. */
const slight =
  /^(?:comment|attstattarget|stxstattarget|attstorage|attcompression|attoptions|reloptions|columns|place)$/;

/**
 * What the catalogue says of what goes and of what goes with it, to be compared between staging and production: what is rehearsed on
 * another type or another index proves nothing about production. Definitions and digests, no value of a row. Reads only.
 */
export function createCaptureDefinitions({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'captureDefinitions'> {
  return ({ target, removes }) =>
    withHeartbeat((signal) =>
      withSession({ environment: find(target), signal }, 'definitions', async ({ client }) => {
        const targets = removalsOf({ removes }).map(placeOf);
        const { major, objects } = await snapshotOf(client, targets);
        const definitions: Definitions = { major, objects: {} };
        for (const [name, facts] of Object.entries(objects))
          if (!name.startsWith('index column ')) definitions.objects[name] = await definitionOf(client, facts);
        return definitions;
      }),
    );
}

async function definitionOf(client: PostgresClient, facts: CatalogueFacts): Promise<ObjectDefinition> {
  const own = Object.entries(facts).filter(([attribute]) => !ofEnvironment.test(attribute));
  const digest = (isSlight: boolean): string =>
    digestOf(Object.fromEntries(own.filter(([attribute]) => slight.test(attribute) === isSlight))).slice(0, 16);
  const says = await saysOf(client, facts);
  return { ...(says !== undefined && { says }), digest: digest(false), slight: digest(true) };
}

/** For people: the type of a column, the definition of an index or a constraint. Not of a default, which may hold anything. */
async function saysOf(client: PostgresClient, facts: CatalogueFacts): Promise<string | undefined> {
  const { definition, atttypid, atttypmod, attnotnull } = facts;
  if (typeof definition === 'string') return definition.slice(0, 200);
  if (typeof atttypid !== 'string') return undefined;
  const { rows } = await client.query<{ type: string | null }>('select format_type(to_regtype($1), $2) as type', [
    ...[atttypid, atttypmod ?? null],
  ]);
  return `${rows[0]?.type ?? atttypid}${attnotnull === true ? ' not null' : ''}`;
}
