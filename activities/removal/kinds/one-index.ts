import { onDefinition } from '../on-definition';
import { byName, byStatements } from './by-statements';

/** It has no values: what was captured before it was hidden is all there is of it. */
export const oneIndex = byStatements(byName, onDefinition);
