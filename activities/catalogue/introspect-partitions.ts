import { readPartition } from '../../adapters/catalogue/partition';
import { shortTableName, writtenShort } from '../../contract/text/object-name';
import type { PartitionRemoval } from '../../contract/plan/removal';
import { withDatabase } from '../environment/database';
import type { Environment } from '../environment/environment';
import { lookAround, type Surroundings } from './introspect-around';
import { lookAt, type IntrospectedTables } from './introspect-tables';

/** What a database says of partitions that are to be removed. */
export interface IntrospectedPartitions extends Surroundings {
  partitions: (IntrospectedTables['tables'][number] & {
    /** `schema.table`, without `public`: the one right above it. */
    of: string;
    /** `FOR VALUES …`. */
    bound: string;
  })[];
}

/** Reads only. Every one that is not there, or is no partition, is named. */
export function introspectPartitions(
  environment: Environment,
  removals: readonly PartitionRemoval[],
): Promise<IntrospectedPartitions | { faults: string[] }> {
  return withDatabase(environment, 'plan new', async (client) => {
    const partitions: IntrospectedPartitions['partitions'] = [];
    const faults: string[] = [];
    for (const removal of removals) {
      const look = await lookAt(client, removal);
      const facts = await readPartition(client, removal);
      if ('faults' in look) faults.push(...look.faults);
      else if (facts?.of == null || facts.bound === null)
        faults.push(
          `expected ${shortTableName(removal)} to be a partition, found a table of its own; use --drop-table`,
        );
      else partitions.push({ ...look, of: writtenShort(facts.of), bound: facts.bound });
    }
    return faults.length > 0 ? { faults } : { partitions, ...(await lookAround({ client, environment })) };
  });
}
