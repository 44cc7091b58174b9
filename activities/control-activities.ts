import type { ControlActivities } from '../contract/activities/control-activities';
import type { Temporal } from '../adapters/temporal';
import { createCheckChannels } from './connect/check-channels';
import { createDeliver } from './delivery/deliver';
import { createHandOver } from './delivery/hand-over';
import { createAnnounce } from './run/announce';
import type { ControlSettings } from './run/control-settings';
import { createLoadPlan } from './run/load-plan';
import { createLoadRollback } from './run/load-rollback';
import { createPublishStatus } from './run/publish-status';
import type { SlackBoard } from './run/slack-board';
import { createStartAftercare } from './run/start-aftercare';
import { createStartRollback } from './run/start-rollback';
import { createAcquireTarget, createReleaseTarget } from './run/target-lock';
import { createWriteReport } from './run/write-report';

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
  checkChannels: createCheckChannels(deps),
  handOver: createHandOver(deps),
  deliver: createDeliver(deps),
  writeReport: createWriteReport(deps),
  startAftercare: createStartAftercare(deps),
  startRollback: createStartRollback(deps),
});
