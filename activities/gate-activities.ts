import type { GateActivities } from '../contract/activities/gate-activities';
import { createCloseGate } from './approval/close-gate';
import { createFindWindow } from './approval/find-window';
import { createOpenGate } from './approval/open-gate';
import type { GateDeps } from './approval/open-gate';
import { createRemind } from './approval/remind';
import { createShowRequest } from './approval/show-request';
import { createVerifyYield } from './decisions/verify-yield';
import { createVerifyCodes } from './approval/verify-codes';

/** Challenges and codes; served by production workers only, since they alone hold the approval key. */
export const createGateActivities = (deps: GateDeps): GateActivities => ({
  openGate: createOpenGate(deps),
  verifyCodes: createVerifyCodes(deps),
  verifyYield: createVerifyYield(deps),
  closeGate: createCloseGate(deps),
  showRequest: createShowRequest(deps),
  remind: createRemind(deps),
  findWindow: createFindWindow(deps),
});
