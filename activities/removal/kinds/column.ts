import { asCaptured, byName, byStatements } from './by-statements';

export const column = byStatements(byName, asCaptured);
