import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn } from '../../adapters/catalogue/catalogue';
import { captureIndex } from '../../adapters/catalogue/index-capture';
import { snapshotOf, type CatalogueSnapshot } from '../../adapters/catalogue/catalogue-snapshot';
import { readValidChecks } from '../../adapters/catalogue/valid-checks';
import { readShape } from '../../adapters/catalogue/table-shape';
import { canonicalJson } from '../../contract/text/canonical-json';
import { permanent } from '../../contract/run/failures';
import { visible } from '../../contract/text/plain-text';
import { traits, type DatabaseKind } from '../../contract/plan/kinds';
import type { Plan } from '../../contract/plan/plan';
import { placeName, placeOf } from '../../contract/plan/places';
import { hasValues, type RemovalOf } from '../../contract/plan/removal';
import { removalsOf } from '../../contract/plan/removals';
import { isSameDefinition } from './compare-catalogue';
import { definePartition } from './define-partition';
import { defineTable } from './define-table';
import type { Capture, CaptureOf } from './captured-columns';
import type { Session } from '../environment/session';
import { verbsOf } from '../../sql/kinds/kinds';

/**
 * Everything that goes, as it is: what a rollback builds again, and compares with.
 *
 * @throws `WrongState` if something is not there
 */
export async function captureRemovals(
  session: Omit<Session, 'signal'>,
  plan: Pick<Plan, 'removes'>,
): Promise<Capture[]> {
  const { client } = session;
  const captured: Capture[] = [];
  for (const removal of removalsOf(plan)) {
    const capture = await ofKind(removal.kind).capture(removal, session);
    if (capture === undefined) {
      const what = `${traits[removal.kind].field} ${visible(placeName(removal))}`;
      throw permanent('WrongState', `expected ${what}, found none; nothing was changed; someone else has removed it`);
    }
    const catalogue = await snapshotOf(client, [placeOf(removal)]);
    const checks = hasValues(removal) ? { validChecks: await readValidChecks(client, removal) } : {};
    captured.push({ ...capture, catalogue, ...checks });
  }
  return captured;
}

/** What is hidden of a kind without values, under the names that hide it. What is not there is left out. */
export async function captureHidden(client: PostgresClient, plan: Pick<Plan, 'removes'>): Promise<Capture[]> {
  const captured: Capture[] = [];
  for (const removal of removalsOf(plan)) {
    const capture = await ofKind(removal.kind).captureHidden?.(removal, client);
    if (capture !== undefined) captured.push(capture);
  }
  return captured;
}

/** As the server prints it, quoted where it has to be. */
const ownName = /^(CREATE (?:UNIQUE )?INDEX )(?:"(?:[^"]|"")+"|\S+)/;

/** `catalogue`: what the server says of it besides; absent = it is not compared. */
type Definition = object & { catalogue?: CatalogueSnapshot };

const saidBy = ({ catalogue: _, ...said }: Definition): object => said;

const isSame = (before: CatalogueSnapshot | undefined, after: CatalogueSnapshot | undefined): boolean =>
  before === undefined || after === undefined ? before === after : isSameDefinition(before, after);

interface Captures<K extends DatabaseKind> {
  /** Undefined: it is not there. */
  capture: (removal: RemovalOf<K>, session: Omit<Session, 'signal'>) => Promise<CaptureOf<K> | undefined>;
  /** The same of what is hidden. Absent: it has values, and its final copy says what was hidden. */
  captureHidden?: (removal: RemovalOf<K>, client: PostgresClient) => Promise<CaptureOf<K> | undefined>;
  /** What of it must not change until the drop. */
  definition: (capture: CaptureOf<K>) => Definition;
}

const captures = {
  column: {
    capture: (removal, { client }) => captureColumn(client, removal, removal.column),
    definition: withoutChecks,
  },
  table: {
    capture: (removal, { environment }) => defineTable(environment, removal),
    definition: (capture) => ({ ...withoutChecks(capture), sequences: [] }), // how far they are belongs to the rows
  },
  rows: {
    capture: (removal, { client }) => readShape(client, removal),
    // Of a table that stays only the columns count: nothing else of it is built again.
    definition: (capture) => {
      const { catalogue: _, ...shape } = withoutChecks(capture);
      return shape;
    },
  },
  partition: {
    capture: (removal, session) => definePartition(session, removal),
    definition: (capture) => ({ ...withoutChecks(capture), sequences: [] }),
  },
  index: {
    capture: (removal, { client }) => captureIndex(client, removal),
    captureHidden: (removal, client) => captureIndex(client, verbsOf(removal).hidden(removal)),
    // Its size changes with its rows, and its name when it is hidden.
    definition: ({ schema, table, index: { name: _, definition, ...facts } }) => ({
      ...{ schema, table, definition: definition.replace(ownName, '$1') },
      ...facts,
    }),
  },
} satisfies { [K in DatabaseKind]: Captures<K> };

function withoutChecks<C extends Capture>({ validChecks: _, ...capture }: C): Omit<C, 'validChecks'> {
  return capture;
}

const ofKind = (kind: DatabaseKind) => captures[kind] as unknown as Captures<DatabaseKind>;

/** Which of what a plan removes was captured otherwise than before; both were captured by {@link captureRemovals}. */
export const changedCaptures = (
  plan: Pick<Plan, 'removes'>,
  before: readonly Capture[],
  after: readonly Capture[],
): Capture[] => {
  const removals = removalsOf(plan);
  return before.filter((one, index) => {
    const [removal, other] = [removals[index], after[index]];
    if (removal === undefined || other === undefined) return true;
    const { definition } = ofKind(removal.kind);
    const [was, is] = [definition(one), definition(other)];
    return !isSame(was.catalogue, is.catalogue) || canonicalJson(saidBy(was)) !== canonicalJson(saidBy(is));
  });
};
