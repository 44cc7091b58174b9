import { missingApprovals, stricter } from '../../../contract/run/decisions';
import { messageKinds, readMessage, readUpdate, readYield } from '../../../contract/run/messages';
import { seededRandom } from '../../support/looks/random';
import { everyCase } from '../../support/inputs/some';

// Whatever arrives is read without an exception: one in a handler would block the workflow for ever.

const names = [
  'signal',
  'code',
  'reason',
  'choice',
  'to',
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'then',
  '',
];

/** Any JSON, as Temporal hands it to a handler. */
function anyJson(random: () => number, depth = 0): string {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const many = (): number[] => [...Array(Math.floor(random() * 4)).keys()];
  const kinds = [
    'null',
    'number',
    'text',
    'kind',
    'true',
    ...(depth < 4 ? ['array', 'object', 'object', 'object'] : []),
  ];
  switch (pick(kinds)) {
    case 'number':
      return pick(['0', '-1', '1e308', '12.5', '9007199254740993']);
    case 'text':
      return JSON.stringify(pick([...names, '\u0000', '\ud800', 'x'.repeat(5_000), 'K7Q2-9XWM-4T3H-PB6D']));
    case 'kind':
      return JSON.stringify(pick(messageKinds));
    case 'array':
      return `[${many()
        .map(() => anyJson(random, depth + 1))
        .join(',')}]`;
    case 'object':
      return `{${many()
        .map(() => `${JSON.stringify(pick(names))}:${anyJson(random, depth + 1)}`)
        .join(',')}}`;
    default:
      return pick(['null', 'true']);
  }
}

test('any JSON is a message, or is refused in a short text', () => {
  const random = seededRandom(13);
  for (const _ of Array(everyCase ? 30_000 : 3_000).keys()) {
    const input: unknown = JSON.parse(anyJson(random));
    const update = readUpdate(input);
    const read = [...messageKinds.map((kind) => readMessage(kind, input)), update];
    if ('signal' in update) read.push(readMessage(update.signal, update.input));
    for (const each of read) if ('refused' in each) expect(each.refused.length).toBeLessThan(1_500);
    expect(readYield(input)).toBeUndefined();
  }
});

test.each(['{"signal":{"toString":"x"}}', '{"signal":null}', '{"signal":["approve"]}', '[]', 'null', '"approve"'])(
  'an update without the name of a signal is refused: %s',
  (json) => {
    expect(readUpdate(JSON.parse(json))).toEqual({
      refused: expect.stringMatching(/^expected an object with "signal"/),
    });
  },
);

test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf'])('a role called %s is a role', (role) => {
  const needs = stricter({ approver: 2 }, { [role]: 1 });
  expect(needs).toEqual({ approver: 2, [role]: 1 });
  expect(missingApprovals(needs, [{ roles: ['approver'] }, { roles: ['approver'] }])).toEqual([`1 more of ${role}`]);
});
