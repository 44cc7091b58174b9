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

/** What only the workflow says. Nothing where nobody has keys. */
export const claimedPart = ({ claimed }: Sealed): GatePart[] =>
  claimed.length === 0
    ? []
    : [
        {
          title: '⚠ Claimed, not sealed',
          lines: [
            `only the workflow says: ${listed(claimed)}. No worker has sealed it; ask who has seen it before you approve`,
          ],
        },
      ];

/** What is known from the worker that has seen it. */
export const sealedPart = ({ sealed }: Sealed): GatePart[] =>
  sealed.length === 0 ? [] : [{ title: 'Sealed', lines: [`by the workers that have seen it: ${listed(sealed)}`] }];

const listed = (claims: readonly Claim[]): string => claims.map((claim) => said[claim]).join(', ');
