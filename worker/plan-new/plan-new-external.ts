import type { Removes } from '../../contract/plan/removals';
import type { Surroundings } from '../../activities/catalogue/introspect-around';
import { yaml, type KindPart } from './plan-new-text';

/** Something outside the database, of which no database can tell anything. */
export function externalPart(around: Surroundings, removes: Removes): KindPart {
  const names = removes.map(({ external }) => external ?? '').join(', ');
  return {
    does: `Delete ${names}; fill in why nothing needs it any more.`,
    removes,
    says: 'Outside the database, in words for people.',
    what: names,
    sections: [
      yaml(
        { byAction: { hide: 'fill-in-hide', unhide: 'fill-in-unhide', drop: 'fill-in-drop' } },
        'Fill in three names of application.planActions in the settings, each with a check of what is.',
      ),
      yaml({ restore: 'none' }, 'After the drop nothing can be restored; every approver reads that.'),
    ],
    around,
    hasRevision: false,
  };
}
