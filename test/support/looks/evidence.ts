import type { RolloutEvidence } from '../../../contract/run/gate-evidence';

/** What a gate of the first plan is opened with, as far as its effects care: small, and always the same. */
export const keysEvidence: RolloutEvidence = {
  about: 'rollout',
  change: {
    ...{ kind: 'column', savedBy: 'replacement' },
    removes: [
      {
        ...{ name: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash' },
        rows: { total: 912_315, removed: 912_004 },
      },
      {
        ...{ name: 'assistants.owner_api_key', replacedBy: 'owner_api_key_hash' },
        rows: { total: 88_132, removed: 88_120 },
      },
    ],
  },
  ahead: {
    ...{ announceAheadMs: 900_000, trialMs: 900_000, hasWindows: false, keepBackupsMs: 2_592_000_000 },
    release: { from: 'phase2', to: 'phase3' },
  },
  proof: {
    checks: 41,
    copies: {},
    staging: { soak: { neededMs: 86_400_000, samples: 96, restarts: 1, accepted: [] } },
    notCovered: [],
  },
  accepted: [],
  reason: 'audit finding 4711',
  link: 'http://127.0.0.1:8233/namespaces/default/workflows/agent-api%2Fx/run/user-metadata',
};
