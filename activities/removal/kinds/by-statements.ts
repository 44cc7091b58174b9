import { dropByStatements } from '../drop-by-statements';
import { hideByStatements } from '../hide-by-statements';
import { unhideByStatements } from '../unhide-by-statements';
import type { AsDropped, Effects, Footing, Moves } from './kind';

/** Effects on what a database holds. */
export const byStatements = (moves: Moves, footing: Footing): Effects => ({
  hide: (at, order) => hideByStatements(at, order, footing),
  unhide: (session, of) => unhideByStatements(session, of, moves),
  drop: (at, order) => dropByStatements(at, order, footing),
  isOursToOpen: () => true,
  isDroppedAgain: true,
});

/** A new name is all that hides it. */
export const byName: Moves = {
  moveOut: () => Promise.resolve(),
  moveBack: () => Promise.resolve([]),
  requireMovedBack: () => Promise.resolve(),
  isBack: 'have their names back',
};

/** Nothing changes of it while it is frozen. */
export const asCaptured: AsDropped = (_, captured) => Promise.resolve([...captured]);
