/** The people of the local stack, as its settings and its Slack know them. */
export const stackPeople = [
  { name: 'maria', slackId: 'U0MARIA', realName: 'Maria, release manager', roles: ['release-manager'] },
  { name: 'anna', slackId: 'U0ANNA', realName: 'Anna, database administrator', roles: ['approver'] },
  { name: 'ben', slackId: 'U0BEN', realName: 'Ben, security', roles: ['approver'] },
  { name: 'carla', slackId: 'U0CARLA', realName: 'Carla, custodian of new keys', roles: ['custodian'] },
  { name: 'otto', slackId: 'U0OTTO', realName: 'Otto, on call', roles: ['on-call'] },
] as const;

export const stackChannels = [
  { id: 'C0ROLLOUTS', name: 'rollouts', topic: 'One message a rollout' },
  { id: 'C0STAKEHOLDERS', name: 'agent-api-news', topic: 'What users of the agent API should know' },
] as const;
