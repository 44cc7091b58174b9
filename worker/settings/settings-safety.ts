import type { Danger, Sections } from './danger';
import { sharedHeaders, unknownReleases } from './dangerous-applications';
import { custodiansWithoutRecipient, impossibleQuorums, samePersons } from './dangerous-people';
import { sharedPlaces } from './shared-places';

/** What no single field shows, and what would end badly. */
export const dangers = (sections: Sections): Danger[] => [
  ...sharedPlaces(sections),
  ...samePersons(sections),
  ...impossibleQuorums(sections),
  ...custodiansWithoutRecipient(sections),
  ...noTargets(sections),
  ...unknownReleases(sections),
  ...sharedHeaders(sections),
];

const noTargets = ({ targets }: Sections): Danger[] =>
  targets && Object.keys(targets).length === 0 ? [{ path: ['targets'], message: 'expected at least one target' }] : [];
