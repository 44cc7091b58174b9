import { literalPattern } from '../../../adapters/programs/literal-pattern';

const characters = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).concat(
  'ü',
  '漢',
  '😀',
  '\u202e',
);

test.each(['', 'u', 'iu', 'g'])('with the flags "%s" each character matches itself and no other', (flags) => {
  for (const character of characters) {
    const pattern = new RegExp(`^${literalPattern(`a${character}-- z`)}$`, flags);
    expect(pattern.test(`a${character}-- z`)).toBe(true);
    expect(pattern.test('a§-- z')).toBe(false);
    pattern.lastIndex = 0;
  }
});
