import { captureIndex } from '../../adapters/catalogue/index-capture';
import { shortName } from '../../contract/text/object-name';
import type { IndexRemoval } from '../../contract/plan/removal';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { lookAround, type Surroundings } from './introspect-around';

/** What a database says of indexes that are to be removed. */
export interface IntrospectedIndexes extends Surroundings {
  indexes: { name: string; definition: string; sizeBytes: number }[];
}

/** Reads only. Every index that is not there is named. */
export function introspectIndexes(
  environment: Environment,
  removals: readonly IndexRemoval[],
): Promise<IntrospectedIndexes | { faults: string[] }> {
  return withDatabase(environment, 'plan new', async (client) => {
    const indexes: IntrospectedIndexes['indexes'] = [];
    const faults: string[] = [];
    for (const removal of removals) {
      const name = shortName({ schema: removal.schema, table: removal.index });
      const found = await captureIndex(client, removal);
      if (found === undefined) faults.push(`expected an index ${name} in staging, found none`);
      else indexes.push({ name, definition: found.index.definition, sizeBytes: found.sizeBytes });
    }
    if (faults.length > 0) return { faults };
    return { indexes, ...(await lookAround({ client, environment })) };
  });
}
