import { duplicates, type PlanSections, type Problem } from './problem';

/** Checks of a plan about things outside the database: actions do all of it, and nothing brings them back. */
export function externalProblems({ removes = [], byAction, proof, restore, revision }: PlanSections): Problem[] {
  const names = removes.map(({ external }) => external ?? '');
  const missing = (['hide', 'unhide', 'drop'] as const).filter((verb) => byAction?.[verb] === undefined);
  return [
    ...removes.flatMap((removal, index) => {
      const others = Object.entries(removal).filter(([name, value]) => name !== 'external' && value !== undefined);
      if (removal.external !== undefined && others.length === 0) return [];
      const message =
        'expected external resources alone, as another one is; give what is in the database a plan of its own';
      return [{ path: ['removes', index], message }];
    }),
    ...duplicates(names, (index) => ['removes', index, 'external']),
    ...(missing.length === 0
      ? []
      : [
          {
            path: ['byAction'],
            message: `expected an action for each of hide, unhide and drop, found none for ${missing.join(', ')}; nothing else knows the resource`,
          },
        ]),
    ...(byAction?.restore === undefined
      ? []
      : [
          {
            path: ['byAction', 'restore'],
            message:
              'expected none: no one could tell whether an external resource was restored as it was; leave it out',
          },
        ]),
    ...(restore === 'none'
      ? []
      : [
          {
            path: ['restore'],
            message:
              'expected "none", found nothing: write it, so that all who approve read that nothing can be restored',
          },
        ]),
    ...(proof === undefined
      ? []
      : [{ path: ['proof'], message: 'expected none beside external resources; leave it out' }]),
    ...(revision === undefined
      ? []
      : [
          {
            path: ['revision'],
            message: 'expected none beside external resources, which no migration tool knows; leave it out',
          },
        ]),
  ];
}
