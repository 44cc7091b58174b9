import { onCopy } from '../on-copy';
import { asCaptured, byName, byStatements } from './by-statements';

export const column = byStatements(byName, onCopy(byName, asCaptured));
