import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';

/** Rows that no one reads any more: the next statement would wait behind them without end. */
export function endingSession(raw: pg.Client, stream: Readable): Readable {
  return stream.once('close', () => stream.readableEnded || raw.connection.stream.destroy());
}

/**
 * A stream reports its error by event; the values in it must not get out that way either. `pg` reports one a second time when
 * the session is lost with it, and perhaps before or after anyone listens: that would end the whole process. So the first
 * one destroys the stream, and every reader and writer, now or later, is told that one.
 */
export function cleaning<Stream extends Readable | Writable>(stream: Stream, clean: (error: unknown) => Error): Stream {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...rest: unknown[]) => {
    if (event !== 'error') return emit(event, ...rest);
    if (stream.destroyed) return emit(event, clean(rest[0]));
    stream._destroy = (error, done) => done(error); // the server has ended this copy: it must not be told so
    stream.destroy(clean(rest[0]));
    return true;
  };
  stream.on('error', () => {});
  return stream;
}
