import type { Claim, Sealed } from '../../contract/run/gate-evidence';
import type { GatePart } from './gate-part';

const said = {
  rows: 'the number of rows',
  loss: 'what would be lost and what comes back',
  'staging backup': "the proof of staging's backup",
  'staging copy': 'the rehearsal on a copy of staging',
  'production copy': 'the rehearsal on a copy of production',
  'load test': 'the load test',
  soak: 'the soak',
  'rollback rehearsal': 'the rehearsed rollback',
} satisfies Record<Claim, string>;

/** What of it is known from the worker that has seen it; what only the workflow says comes first. Nothing where nobody has keys. */
export function sealedPart(seals: Sealed | undefined): GatePart[] {
  if (seals === undefined || seals.sealed.length + seals.claimed.length === 0) return [];
  const list = (claims: readonly Claim[]): string => claims.map((claim) => said[claim]).join(', ');
  return [
    {
      title: seals.claimed.length === 0 ? 'Sealed' : '⚠ Claimed, not sealed',
      lines: [
        ...(seals.claimed.length === 0
          ? []
          : [
              `only the workflow says: ${list(seals.claimed)}. No worker has sealed it; ask who has seen it before you approve`,
            ]),
        ...(seals.sealed.length === 0 ? [] : [`by the workers that have seen it: ${list(seals.sealed)}`]),
      ],
    },
  ];
}
