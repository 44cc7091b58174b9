import { readPartition } from '../../adapters/catalogue/partition';
import { withPlainNames } from '../../adapters/postgres/search-path';
import type { TableDefinition } from '../../adapters/catalogue/table-definition';
import type { TableName } from '../../contract/text/object-name';
import type { PartitionRemoval } from '../../contract/plan/removal';
import type { CapturedBound } from '../../sql/partition-bound';
import { withoutAttaching } from '../../sql/table-script';
import type { Session } from '../environment/session';
import { defineTable } from './define-table';

/** A partition as the table of its own that it is when it is filled, and what attaches it. */
export interface PartitionDefinition extends TableDefinition, CapturedBound {
  /** The partitioned table right above it. */
  of: TableName;
}

/** Undefined: there is none of that name in the table that the plan says. */
export async function definePartition(
  { client, environment }: Omit<Session, 'signal'>,
  removal: PartitionRemoval,
): Promise<PartitionDefinition | undefined> {
  const facts = await withPlainNames(client, () => readPartition(client, removal));
  const { of, bound, holds } = facts ?? {};
  if (of == null || bound == null || holds == null) return undefined;
  if (of.schema !== removal.of.schema || of.table !== removal.of.table) return undefined;
  const definition = await defineTable(environment, removal);
  if (definition === undefined) return undefined;
  const { before, after } = definition;
  return { ...definition, before: withoutAttaching(before), after: withoutAttaching(after), of, bound, holds };
}
