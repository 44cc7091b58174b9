import type { ControlActivities } from '../contract/steps';
import type { Temporal } from '../adapters/temporal';
import { createAnnounce } from './announce';
import type { ControlSettings } from './control-settings';
import { createLoadPlan } from './load-plan';
import { createLoadRollback } from './load-rollback';
import { createPublishStatus } from './publish-status';
import type { SlackBoard } from './slack-board';
import { createStartAftercare } from './start-aftercare';
import { createStartRollback } from './start-rollback';
import { createAcquireTarget, createReleaseTarget } from './target-lock';
import { createWriteReport } from './write-report';

/** What the control worker needs: settings without environments, Temporal, Slack's channels, a folder for reports. */
export interface ControlDeps extends ControlSettings, SlackBoard {
  temporal: Temporal;
  reportsFolder: string;
}

/** Plans, lock, announcements, report: the steps that touch no environment. */
export const createControlActivities = (deps: ControlDeps): ControlActivities => ({
  loadPlan: createLoadPlan(deps),
  loadRollback: createLoadRollback(deps),
  acquireTarget: createAcquireTarget(deps),
  releaseTarget: createReleaseTarget(deps),
  publishStatus: createPublishStatus(deps),
  announce: createAnnounce(deps),
  writeReport: createWriteReport(deps),
  startAftercare: createStartAftercare(deps),
  startRollback: createStartRollback(deps),
});
