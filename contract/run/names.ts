/**
 * The names that people type and Temporal stores: workflow types, task queues, signals, queries, search attributes.
 * They are an interface: a running rollout and a saved link both depend on them.
 */

/** Workflow types, as the start form of Temporal UI takes them. */
export const workflowTypes = {
  rollout: 'rollout',
  rollback: 'rollback',
  aftercare: 'aftercare',
  delivery: 'delivery',
  targetLock: 'targetLock',
  maintenanceLease: 'maintenanceLease',
} as const;

/** What a worker may serve: workflows and announcements, or all that touches one environment. */
export const roles = ['control', 'staging', 'production'] as const;
export type Role = (typeof roles)[number];

/** The two environments of a target. */
export const environments = ['staging', 'production'] as const;
export type EnvironmentName = (typeof environments)[number];

/** One task queue a role; workflows run on the first. */
export const taskQueues: Record<Role, string> = {
  control: 'rubicon',
  staging: 'rubicon-staging',
  production: 'rubicon-production',
};

/** Search attributes (type Keyword) of rollouts and rollbacks. */
export const searchAttributes = [
  'RolloutPlan',
  'RolloutTarget',
  'RolloutPhase',
  'RolloutWaitingFor',
  'RolloutOutcome',
] as const;

/** Where a rollout is. Held is a flag beside the phase, not a phase. */
export const phases = ['preflight', 'staging', 'soak', 'approval', 'production', 'trial', 'monitor', 'done'] as const;
export type Phase = (typeof phases)[number];

/** The workflow that stands for "this target is taken". */
export const targetLockId = (target: string): string => `rubicon-target/${target}`;

/** The workflow that lifts maintenance when the one who turned it on is gone. */
export const maintenanceLeaseId = (target: string, environment: EnvironmentName): string =>
  `rubicon-maintenance/${target}/${environment}`;

/** Looks after one run: of another run of the same workflow id it is another one. */
export const aftercareId = ({ workflowId, firstRun }: { workflowId: string; firstRun: string }): string =>
  `${workflowId}/aftercare/${firstRun}`;

/** Tells what happens to one run beyond Slack. Not of its chain: a run that was reset goes on with the same one. */
export const deliveryId = ({ workflowId }: { workflowId: string }): string => `${workflowId}/delivery`;

/** A readable workflow id: target, plan and month; the list of Temporal UI has no other place that says so. */
export const suggestedWorkflowId = (target: string, plan: string, at: Date): string =>
  `${target}/${plan}/${at.toISOString().slice(0, 7)}`;
