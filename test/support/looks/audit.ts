import { readAudit, type AuditedDdl } from './ddl-audit';
import type { TestDatabase } from '../servers/servers';

/** What the audit has seen in a database: committed, by whomever. */
export interface Audited {
  /** `rename: public.sessions.owner_api_key`, in order. */
  commands: string[];
  /** Tables that lost a column, one entry a column, by name. */
  lostColumn: string[];
  /** Transactions in which columns went. */
  transactions: number;
}

export async function seenByAudit({ query }: Pick<TestDatabase, 'query'>): Promise<Audited> {
  const rows = await query<AuditedDdl & { [column: string]: unknown }>(readAudit);
  const gone = rows.filter(({ what }) => what === 'drop column');
  return {
    commands: rows.map(({ what, object }) => `${what}: ${object}`),
    lostColumn: gone.map(({ object }) => object.split('.').slice(0, 2).join('.')).sort(),
    transactions: new Set(gone.map(({ transaction }) => transaction)).size,
  };
}

/** What a rollout's one drop leaves: each column once, in one transaction. */
export const droppedOnce = { lostColumn: ['public.assistants', 'public.sessions'], transactions: 1 };
