import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { canonicalJson } from '../../../contract/text/canonical-json';
import { digestOf } from '../../../contract/text/digest';

test('keys are sorted at every level, and nothing else is moved', () => {
  expect(canonicalJson({ b: [3, { z: 1, a: null }], a: 'ü"\n', c: 1e21, d: -0 })).toBe(
    '{"a":"ü\\"\\n","b":[3,{"a":null,"z":1}],"c":1e+21,"d":0}',
  );
});

test('members that are undefined are left out, as in any payload', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test.each([
  ['undefined', undefined, 'found undefined'],
  ['undefined in a list', [undefined], 'found undefined'],
  ['a hole in a list', Array(1), 'found undefined'],
  ['NaN', { a: NaN }, 'found NaN'],
  ['infinity', Infinity, 'found Infinity'],
  ['a bigint', 1n, 'found 1 (bigint)'],
  ['a function', () => 1, '(function)'],
  ['a date', new Date(0), 'an object of class Date'],
  ['a map', new Map(), 'an object of class Map'],
])('%s is refused, since it would be lost', (_, value, message) => {
  expect(() => canonicalJson(value)).toThrow(message);
});

test('an object that holds itself is refused', () => {
  const value: Record<string, unknown> = {};
  value['self'] = [value];
  expect(() => canonicalJson(value)).toThrow('holds itself');
});

test('the same object at two places is no cycle', () => {
  const twice = { a: 1 };
  expect(canonicalJson([twice, twice])).toBe('[{"a":1},{"a":1}]');
});

test('objects of another realm are plain ones too', () => {
  expect(canonicalJson(runInNewContext('({ b: 1, a: [2] })'))).toBe('{"a":[2],"b":1}');
});

test('any JSON value comes back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // As JSON holds it: -0 is 0 there.
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order of keys changes no digest, any other change does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (value, other) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(digestOf(reversed)).toBe(digestOf(value));
      expect(digestOf({ ...value, other: [other, 1] })).not.toBe(digestOf({ ...value, other: [other, 2] }));
    }),
  );
});

test('a digest is the sha256 that anybody can compute', () => {
  expect(digestOf({ b: 1, a: 2 })).toBe('d3626ac30a87e6f7a6428233b3c68299976865fa5508e4267c5415c76af7a772');
});
