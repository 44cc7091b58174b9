import type { Removes } from '../../../contract/plan/removals';
import { openDraw } from './draw';
import { makeEventTrigger, makeFunctionNaming, makeGeneratedFrom, makeRule, makeTrigger, makeView } from './make-code';
import { makeConstraints } from './make-constraints';
import { makeDatabaseSettings, makeFewNumbersLeft, makeInvalidIndex, makeMember } from './make-extras';
import { makeChild, makePartitioned } from './make-families';
import { makeIndexes } from './make-indexes';
import { makeForeignKey } from './make-keys';
import { makePublication } from './make-publications';
import { makeRemoval } from './removals/make-removal';
import type { DatabaseRemoval, RemovalKind, Target } from './removals/removal';
import { makeRows } from './make-rows';
import { makeSequence } from './make-sequences';
import {
  makeComments,
  makeDefaultPrivileges,
  makePolicies,
  makeRights,
  makeStatistics,
  makeStorage,
} from './make-settings';
import { makeTable } from './make-tables';
import { makeWrites } from './make-writes';
import { openMaking, type Column, type Making, type Table } from './making';
import type { Part } from './parts';

/** A random database and a random plan for it, with how it is to be carried there and back. */
export interface Case {
  seed: number;
  kind: RemovalKind;
  parts: Part[];
  proof?: string;
  removes: { entry: Removes[number]; needs: readonly string[] }[];
  /** The worker's role has all, or what preflight asks for. */
  worker: 'superuser' | 'least';
  /** Each effect a second time, since it is safe to run again. */
  twice: boolean;
  /** It ends before the drop, and what was hidden is put back. */
  stops: boolean;
  /** Whether the plan names a revision. */
  hasRevision: boolean;
}

const kinds: readonly (readonly [number, RemovalKind])[] = [
  [3, 'replaced'],
  [3, 'by row'],
  [2, 'by cast'],
  [4, 'tables'],
  [3, 'rows'],
];

export function makeCase(seed: number): Case {
  const draw = openDraw(seed);
  const making = openMaking(draw.of('schema'));
  // By a draw of its own, so that most seeds stay the cases that they were.
  const usual = draw.weighted(kinds);
  const kind = draw.of('indexes').chance(0.12) ? 'indexes' : draw.of('partitions').chance(0.12) ? 'partitions' : usual;
  if (making.draw.chance(0.2)) makeDefaultPrivileges(making);
  if (making.draw.chance(0.25)) makeDatabaseSettings(making);
  const removal = makeRemoval(making, kind);
  const others = makeOthers(making);
  dress(making, removal, others);
  if (!['tables', 'partitions', 'indexes'].includes(kind) && making.draw.chance(0.5)) makeWrites(making, removal);
  // Not before all of it is known: what is unique or points somewhere says what a value may be.
  for (const table of making.tables) makeRows(making, table);
  return {
    ...{ seed, kind, parts: making.parts, ...(removal.proof !== undefined && { proof: removal.proof }) },
    removes: removal.targets.map(({ entry, needs }) => ({ entry, needs })),
    worker: draw.chance(0.3) ? 'superuser' : 'least',
    twice: draw.chance(0.2),
    stops: draw.chance(0.12),
    hasRevision: draw.chance(0.3),
  };
}

/** Tables that the plan does not name, which must stay as they are. */
function makeOthers(making: Making): Table[] {
  const { draw } = making;
  const others = Array.from({ length: draw.int(1, 2) }, () => makeTable(making));
  if (draw.chance(0.25)) others.push(makePartitioned(making));
  for (const table of others) {
    if (table.kind === 'partitioned') continue;
    if (draw.chance(0.3)) makeSequence(making, table);
    makeConstraints(making, table);
    makeIndexes(making, table);
    adorn(making, table);
    for (const make of draw.some([makeTrigger, makeRule, makeView, makePolicies, makeStatistics], 2))
      make(making, table);
    if (draw.chance(0.12)) makeChild(making, table);
    if (draw.chance(0.05)) makeInvalidIndex(making, table);
    if (draw.chance(0.15)) makePublicationOf(making, table, others);
  }
  return others;
}

const makePublicationOf = (making: Making, table: Table, others: readonly Table[]): void => {
  // A form for everything would hold what the plan names, too: that is an obstacle of its own.
  const before = making.parts.length;
  makePublication(making, table, others);
  const added = making.parts.slice(before);
  if (added.some(({ features }) => /all tables|a schema/.test(features.join()))) making.parts.splice(before);
};

const adorn = (making: Making, table: Table, about?: Column): void => {
  makeComments(making, table, about);
  makeRights(making, table, about);
  makeStorage(making, table, about);
};

/** What stands on the plan's tables: that which comes back, and now and then that which is in the way. */
function dress(making: Making, removal: DatabaseRemoval, others: readonly Table[]): void {
  const { draw } = making;
  const seen = new Set<Table>();
  for (const target of removal.targets) {
    const { table, column } = target;
    if (column !== undefined) {
      if (draw.chance(0.6)) makeIndexes(making, table, column);
      adorn(making, table, column);
    }
    if (seen.has(table)) continue;
    seen.add(table);
    dressTable(making, table, others, column !== undefined);
  }
  const wanted = draw.weighted([
    [13, 0],
    [5, 1],
    [2, 2],
  ] as const);
  for (let n = 0; n < wanted; n += 1) makeObstacle(making, draw.pick(removal.targets), others);
}

function dressTable(making: Making, table: Table, others: readonly Table[], isOfColumns: boolean): void {
  const { draw } = making;
  if (draw.chance(0.35)) makeSequence(making, table, others[0]);
  if (draw.chance(0.6)) makeConstraints(making, table, undefined);
  if (draw.chance(0.6)) makeIndexes(making, table);
  if (draw.chance(0.3) && others[0] !== undefined) makeForeignKey(making, table, others[0], { actions: isOfColumns });
  adorn(making, table);
  const makers = isOfColumns ? [makeTrigger, makePolicies] : [makeTrigger, makeRule, makePolicies, makeStatistics];
  for (const make of draw.some(makers, 2)) if (draw.chance(0.6)) make(making, table);
}

/** Something that leans on what goes. */
function makeObstacle(making: Making, { table, column }: Target, others: readonly Table[]): void {
  const { draw } = making;
  const [other] = others;
  const each: (() => void)[] = [
    () => makeView(making, table, column),
    () => makeFunctionNaming(making, table, column),
    () => makePublication(making, table, [...others], column),
    () => makeEventTrigger(making),
    () => makeChild(making, table),
    () => makeMember(making, table),
    () => makeInvalidIndex(making, table, column),
    () => draw.chance(0.3) && makeFewNumbersLeft(making, table),
    () => other && other.kind === 'plain' && makeForeignKey(making, other, table),
  ];
  if (column !== undefined)
    each.push(
      () => makeTrigger(making, table, column),
      () => makeRule(making, table, column),
      () => makePolicies(making, table, column),
      () => makeStatistics(making, table, column),
      () => makeGeneratedFrom(making, table, column),
      () => makeConstraints(making, table, column),
    );
  else each.push(() => other && other.kind === 'plain' && makeForeignKey(making, table, other));
  draw.pick(each)();
}
