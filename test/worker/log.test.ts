import { openLog } from '../../worker/log';

function lines(write: (log: ReturnType<typeof openLog>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  write(openLog(['the-approval-key'], (line) => void written.push(line)));
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with level, time and message', () => {
  const [line] = lines((log) => log.warn({ roles: ['control'] }, 'worker takes tasks'));
  expect(line).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    roles: ['control'],
    msg: 'worker takes tasks',
  });
});

test('secrets are masked wherever they stand, and the line stays JSON', () => {
  const error = new Error('connect postgres://rubicon:pa55word@host/app failed', { cause: 'the-approval-key' });
  const written = lines((log) => {
    log.info({ at: [{ url: 'redis://:pa55word@host', token: 'xoxb-123456-abcdef' }] }, 'with the-approval-key');
    log.error({ err: error, error }, 'failed');
  });
  expect(written).toHaveLength(2);
  const text = JSON.stringify(written);
  for (const secret of ['pa55word', 'xoxb-123456', 'the-approval-key']) expect(text).not.toContain(secret);
  expect(written[0]).toMatchObject({ at: [{ url: 'redis://***@host' }], msg: 'with ***' });
});
