import type { Finding } from '../run/findings';
import type { EnvironmentName } from '../run/names';
import type { Plan } from '../plan/plan';

/** What a rollout or rollback stands on, after plan, settings and start event were read. */
export interface Loaded {
  plan: Plan;
  /** sha256 of the whole plan, in hex. */
  planDigest: string;
  target: string;
  /** By input and by the start event; none of them may vote. */
  requesters: string[];
  /** Approvals needed for production: the stricter of plan and policy. */
  needs: Record<string, number>;
  /** Role whose single vote answers `accept` and lets a rollback without loss go. */
  onCall: string;
  /** Longer of the policy's minimum and the plan's soak, in ms. */
  soakMs: number;
  /** Names of durations that differ from the defaults. */
  durationsOverridden: string[];
  /** What settings say of this order, for preflight: whether a quorum is possible. Empty where no approver is needed. */
  findings: Finding[];
  /** The policy has windows or freezes that hold for this order; absent = production may be changed at any time. */
  hasWindows?: boolean;
  /** Preflight looks at the channels by which people are told. Absent = the settings have none. */
  checksChannels?: true;
  /** The settings name webhooks or mail, so events are handed over. Absent = Slack alone is told. */
  delivers?: true;
  /** What each environment has an adapter or action for. */
  covered: Record<EnvironmentName, { redis: boolean; maintenance: boolean; deploy: boolean; log: boolean }>;
  /** `https://host/namespaces/ns`, without a slash at its end. */
  temporalUi?: string;
  /** Role of those who receive new keys, where the old ones are in no copy. */
  custodian: string;
  /** How long backups and final copies are kept after the end. */
  keepBackupsMs: number;
}
