import type { Making } from '../making';
import { byCast, byRow, replaced } from './columns';
import { indexes } from './indexes';
import { partitions } from './partitions';
import type { DatabaseRemoval, RemovalKind } from './removal';
import { rows } from './rows';
import { tables } from './tables';

const makers: Record<RemovalKind, (making: Making) => DatabaseRemoval> = {
  replaced,
  'by row': byRow,
  'by cast': byCast,
  tables,
  rows,
  partitions,
  indexes,
};

export const makeRemoval = (making: Making, kind: RemovalKind): DatabaseRemoval => makers[kind](making);
