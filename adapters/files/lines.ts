/**
 * The lines of a text that comes in pieces, without their ends. Unlike `readline` it fails where its source fails: a list
 * that was cut short must not be taken for a whole one.
 */
export async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const piece of source) {
    rest = Buffer.concat([rest, piece]);
    const end = rest.lastIndexOf('\n');
    if (end < 0) continue;
    yield* rest.subarray(0, end).toString().split('\n');
    rest = rest.subarray(end + 1);
  }
  if (rest.length > 0) yield rest.toString();
}
