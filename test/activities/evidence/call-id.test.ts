import { callIdHeaders, findCallId, newCallId } from '../../../activities/environment/call-id';

const secret = 'sk-of-the-probes';
const id = newCallId(secret);

test('an id is known wherever it stands, by whoever has the secret, and is another one each time', () => {
  expect(id).toMatch(/^rubicon-[0-9a-f]{16}-[0-9a-f]{16}$/);
  for (const text of [id, `rubicon/${id}`, `id=${id}&limit=20`, `rubicon-x ${newCallId('another')} ${id}`])
    expect(findCallId(text, secret)).toBe(id);
  expect(newCallId(secret)).not.toBe(id);
});

test.each([
  ['nothing of ours', 'e3b0c442-98fc-1c14-9afb-f4c8996fb924'],
  ['of another environment', newCallId('another secret')],
  ['made up', 'rubicon-0000000000000000-0000000000000000'],
  ['cut off', id.slice(0, -1)],
  ['in capitals', id.toUpperCase()],
])('%s is not ours', (_, text) => {
  expect(findCallId(text, secret)).toBeUndefined();
});

test('it travels in the headers that applications log, and in the one that the settings name', () => {
  expect(callIdHeaders(id, 'X-Forwarded-For')).toEqual({
    'X-Correlation-ID': id,
    'X-Request-ID': id,
    'X-Forwarded-For': id,
    'User-Agent': `rubicon/${id}`,
  });
});
