import * as workflows from '../../workflows';
import { failureTypes } from '../../contract/run/failures';
import { messageKinds, yieldSignal } from '../../contract/run/messages';
import { phases, searchAttributes, taskQueues, workflowTypes } from '../../contract/run/names';
import { deliverSignal } from '../../contract/run/run-event';
import { outcomes } from '../../contract/run/outcome';
import { stepLabels } from '../../contract/run/step-names';
import { policyOf } from '../../workflows/journal/policies';

// These stand in histories, saved links, scripts and people's fingers: docs/decisions/34-names-are-kept.md.
// A name is added here beside its code; one that leaves this list stops every run that is open.
const kept = {
  workflows: ['aftercare', 'delivery', 'maintenanceLease', 'rollback', 'rollout', 'targetLock'],
  queues: ['rubicon', 'rubicon-production', 'rubicon-staging'],
  activities: [
    ...['acquireTarget', 'announce', 'assessRollback', 'backup', 'captureBaseline', 'captureDefinitions'],
    ...['checkApplication', 'checkCache', 'checkChannels', 'checkLog', 'checkQueries', 'checkServer', 'checkStructure'],
    ...['checkTools', 'classifyRows', 'closeGate', 'countIndexUse', 'deliver', 'deploy', 'destroyBackups', 'drop'],
    ...['endWriteGuard', 'finalCopy'],
    ...[
      'findWindow',
      'finishRestore',
      'flushCache',
      'freeze',
      'handOver',
      'hide',
      'loadPlan',
      'loadRollback',
      'loadTest',
    ],
    ...[
      'noteHold',
      'observeState',
      'openGate',
      'probe',
      'proveBackup',
      'proveNothingStale',
      'publishStatus',
      'refillRemoved',
    ],
    ...['rehearseOnCopy', 'releaseTarget', 'remind', 'restoreRemoved', 'sealNewKeys', 'setMaintenance'],
    ...[
      'showRequest',
      'startAftercare',
      'startRollback',
      'takeSample',
      'takesTasks',
      'undoRemoval',
      'unhide',
      'verifyCodes',
    ],
    ...['verifyDropped', 'verifyYield', 'watch', 'writeReport'],
  ],
  deliver: 'deliver',
  signals: ['abort', 'answer', 'approve', 'hold', 'reject', 'resume', 'rollback', 'yield'],
  attributes: ['RolloutOutcome', 'RolloutPhase', 'RolloutPlan', 'RolloutTarget', 'RolloutWaitingFor'],
  phases: ['approval', 'done', 'monitor', 'preflight', 'production', 'soak', 'staging', 'trial'],
  outcomes: [...['aborted', 'done', 'expired', 'preflight-only', 'rejected', 'rolled-back', 'staging-only', 'stopped']],
  failures: [
    ...['ActionFailed', 'BackupNotProven', 'InvalidInput', 'LockNotAcquired', 'NoOneNotified', 'NotDecided'],
    ...['RefusedByServer', 'TargetBusy', 'WrongState'],
  ],
  steps: [
    ...['aftercare', 'approval', 'assessRollback', 'backup', 'baseline', 'changeWindow', 'drop', 'endWriteGuard'],
    ...['finalCopy', 'finishRestore', 'freeze', 'hide', 'loadTest', 'monitor', 'newRelease', 'oldRelease'],
    ...['preflight', 'recheck', 'recount', 'refill', 'rehearseRollback', 'restore', 'sealNewKeys', 'soak'],
    ...['soakSample', 'takeTarget', 'trial', 'undoRemoval', 'verify'],
  ],
};

test('every name that a history holds is on the list, and none has left it', () => {
  expect({
    workflows: Object.keys(workflows).sort(),
    queues: Object.values(taskQueues).sort(),
    activities: Object.keys(policyOf).sort(),
    deliver: deliverSignal,
    signals: [...messageKinds, yieldSignal].sort(),
    attributes: [...searchAttributes].sort(),
    phases: [...phases].sort(),
    outcomes: [...outcomes].sort(),
    failures: [...failureTypes].sort(),
    steps: Object.keys(stepLabels).sort(),
  }).toEqual(kept);
});

test('a workflow is started by the name under which it is exported', () => {
  expect(Object.values(workflowTypes).sort()).toEqual(kept.workflows);
});
