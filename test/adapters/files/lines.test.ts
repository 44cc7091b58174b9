import { linesOf } from '../../../adapters/files/lines';

const pieces = async function* (texts: (Buffer | string)[], failure?: Error): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
  if (failure !== undefined) throw failure;
};
const all = async (source: AsyncIterable<Buffer>): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(source)) lines.push(line);
  return lines;
};

test.each<[(Buffer | string)[], string[]]>([
  [[], []],
  [['one\ntwo\n'], ['one', 'two']],
  [
    ['on', 'e\nt', 'wo'],
    ['one', 'two'],
  ],
  [['\n\n'], ['', '']],
  [[Buffer.from('é\n').subarray(0, 1), Buffer.from('é\n').subarray(1)], ['é']],
])('%j is read as %j', async (texts, lines) => expect(await all(pieces(texts))).toEqual(lines));

test('a source that fails in the middle is no short list', async () => {
  await expect(all(pieces(['one\ntw'], new Error('canceled')))).rejects.toThrow('canceled');
});
