/** Takes whole lines, without the line's end. The sample application's process prints them on stdout. */
export type WriteLine = (line: string) => void;

export type Level = 'info' | 'warning' | 'error';

/**
 * The sample application's log, shaped as the real one's: JSON lines, between them plain Python tracebacks, so that
 * nobody builds a check on "every line is JSON".
 */
export interface SampleLog {
  event(level: Level, event: string, fields?: Record<string, unknown>): void;
  /** What an unhandled error looks like; with the statement's parameters, as SQLAlchemy prints them. */
  traceback(place: string, error: string): void;
}

export function openSampleLog(write: WriteLine, now = () => new Date()): SampleLog {
  return {
    event: (level, event, fields) => write(JSON.stringify({ ...fields, event, level, timestamp: now().toISOString() })),
    // One write for all its lines: requests run side by side, and a traceback must stay in one piece.
    traceback: (place, error) =>
      write(
        [
          'ERROR:    Exception in ASGI application',
          'Traceback (most recent call last):',
          `  File "/app/api/v1/${place}.py", line 88, in handle`,
          '    result = await session.execute(statement)',
          `sqlalchemy.exc.ProgrammingError: ${error}`,
        ].join('\n'),
      ),
  };
}
