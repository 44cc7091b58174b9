export { aftercare } from './aftercare';
export { delivery } from './delivery';
export { maintenanceLease } from './maintenance-lease';
export { rollback } from './rollback';
export { rollout } from './rollout';
export { targetLock } from './target-lock';
