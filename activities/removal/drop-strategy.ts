import type { PostgresClient } from '../../adapters/postgres/postgres';
import type { Plan } from '../../contract/plan/plan';
import type { Run } from '../../contract/run/decisions';
import { handOverStatements, revisionStatements, takeAwayStatements } from '../../sql/drop';
import type { Statement } from '../../sql/statement';
import { migrateByAction } from '../actions/migrate-by-action';
import { allowAfterDrop } from '../decisions/rollout-decisions';
import { dataState, readRevisionOf, readRow } from '../state/observe-state';
import type { At, DropOrder } from './kinds/kind';

/** Who takes away what is decided to go. */
export interface DropStrategy {
  /** In the transaction that decides, before the tables are locked. */
  first: (plan: Plan) => Statement[];
  /** The same, under their locks. */
  statements: (plan: Plan) => Statement[];
  /** Whether an earlier attempt has decided, so that only {@link after} is left. */
  isDecided: (client: PostgresClient, run: Run) => Promise<boolean>;
  /** Whether all is done, where the state row and the catalogue say that it is gone. */
  isWhole: (client: PostgresClient, plan: Plan) => Promise<boolean>;
  /** Once the transaction is committed. */
  after: (client: PostgresClient, at: At, order: DropOrder) => Promise<void>;
}

/** Statements of our own, with the decision. */
const ownStatements: DropStrategy = {
  first: revisionStatements,
  statements: takeAwayStatements,
  isDecided: () => Promise.resolve(false),
  isWhole: () => Promise.resolve(true),
  after: () => Promise.resolve(),
};

/**
 * The platform's tool, in a transaction of its own, or two: it finds the columns under their names. What an attempt has decided
 * that did not come as far as the tool, the next one goes on with.
 */
const byTool: DropStrategy = {
  first: () => [],
  statements: handOverStatements,
  isDecided: async (client, run) => (await readRow(client, run))?.state === 'dropped',
  isWhole: async (client, { revision }) => (await readRevisionOf(client, revision)) === revision?.to,
  after: migrate,
};

/** By the platform's tool where the plan leaves the drop to it, otherwise by our own statements. */
export const dropStrategyOf = ({ byAction }: Pick<Plan, 'byAction'>): DropStrategy =>
  byAction?.drop === undefined ? ownStatements : byTool;

/** Before each run of the tool it is looked whether it may: meanwhile a rollback can have begun. */
function migrate(client: PostgresClient, { deps, environment, signal }: At, order: DropOrder): Promise<void> {
  const { plan } = order;
  return migrateByAction(environment, {
    ...{ verb: 'drop', plan, revision: plan.revision?.to ?? '', signal },
    lacks: async () => {
      await allowAfterDrop({ client, environment }, deps, order);
      const data = await dataState({ client, environment }, plan);
      const revision = await readRevisionOf(client, plan.revision);
      if (data === 'dropped' && revision === plan.revision?.to) return undefined;
      return `the columns ${data} and revision ${revision ?? 'unknown'}`;
    },
  });
}
