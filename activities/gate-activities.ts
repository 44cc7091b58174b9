import type { GateActivities } from '../contract/steps';
import { createCloseGate } from './close-gate';
import { createFindWindow } from './find-window';
import { createOpenGate } from './open-gate';
import type { GateDeps } from './open-gate';
import { createRemind } from './remind';
import { createVerifyCodes } from './verify-codes';

/** Challenges and codes; served by production workers only, since they alone hold the approval key. */
export const createGateActivities = (deps: GateDeps): GateActivities => ({
  openGate: createOpenGate(deps),
  verifyCodes: createVerifyCodes(deps),
  closeGate: createCloseGate(deps),
  remind: createRemind(deps),
  findWindow: createFindWindow(deps),
});
