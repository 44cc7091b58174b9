import { chooseEntries, extensionsOf, parseArchiveList } from '../../../adapters/dump/archive-list';

const list = `;
; Archive created at 2026-11-23 08:54:12 UTC
;     TOC Entries: 13
;
3506; 1262 5 DATABASE - app postgres
3507; 0 0 COMMENT - DATABASE app postgres
;	depends on: 3506
3; 3079 16421 EXTENSION - citext 
2; 3079 16384 EXTENSION - pgcrypto 
928; 1247 16528 TYPE public mood postgres
219; 1259 16549 VIEW public people postgres
;	depends on: 218 218
218; 1259 16542 TABLE public with citext postgres
;	depends on: 3 3 3
217; 1259 16533 TABLE public plain postgres
;	depends on: 928
3499; 0 16542 TABLE DATA public with citext postgres
;	depends on: 218
3498; 0 16533 TABLE DATA public plain postgres
;	depends on: 217
3351; 2606 16548 FK CONSTRAINT public plain plain_fkey postgres
;	depends on: 217
3495; 3256 16559 POLICY public plain theirs postgres
;	depends on: 217
`;

const entries = parseArchiveList(list);
const chosen = (extensions: string[]) => {
  const { entries: kept, missingExtensions } = chooseEntries(entries, new Set(extensions));
  return { kept: kept.map(({ description }) => description), missingExtensions };
};

it('reads entries and what they depend on', () => {
  expect(entries).toHaveLength(12);
  expect(entries[6]).toEqual({
    id: '218',
    line: '218; 1259 16542 TABLE public with citext postgres',
    description: 'TABLE public with citext postgres',
    dependsOn: ['3', '3', '3'],
  });
  expect(extensionsOf(entries)).toEqual(['citext', 'pgcrypto']);
});

it('leaves out what is not about rows', () => {
  expect(chosen(['citext', 'pgcrypto'])).toEqual({
    kept: [
      'EXTENSION - citext ',
      'EXTENSION - pgcrypto ',
      'TYPE public mood postgres',
      'VIEW public people postgres',
      'TABLE public with citext postgres',
      'TABLE public plain postgres',
      'TABLE DATA public with citext postgres',
      'TABLE DATA public plain postgres',
    ],
    missingExtensions: [],
  });
});

it('leaves out what needs a missing extension, also through others and before it in the list', () => {
  expect(chosen(['pgcrypto'])).toEqual({
    kept: [
      'EXTENSION - pgcrypto ',
      'TYPE public mood postgres',
      'TABLE public plain postgres',
      'TABLE DATA public plain postgres',
    ],
    missingExtensions: ['citext'],
  });
});
