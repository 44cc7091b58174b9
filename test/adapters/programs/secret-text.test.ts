import { maskSecrets, redact, safeMessage } from '../../../adapters/programs/secret-text';

const planted = 'S3cr3t-Value_77';

describe('masking by pattern', () => {
  it.each([
    ['a connection string', `connect to postgresql://app:${planted}@db:5432/app failed`],
    ['a password with an unescaped @', `redis://:p@${planted}@cache:6379/0`],
    ['a user without a password', `redis://${planted}@cache:6379/0`],
    ['a libpq string', `host=db user=app password=${planted} dbname=app`],
    ['a quoted libpq string', `host=db password='${planted} and more' dbname=app`],
    ['a bearer token', `Authorization: Bearer ${planted}`],
    ['a header', `X-API-Key: ${planted}`],
    ['a query parameter', `GET /sessions?api_key=${planted}&limit=1`],
    ['a JSON field', `{"owner_api_key": "${planted}", "name":"x"}`],
    ['a JSON field with an escaped quote', `{"owner_api_key": "a\\"${planted}", "name":"x"}`],
    ['a Python field', `{'client_secret': '${planted}'}`],
    ['an environment variable', `RUBICON_SLACK_TOKEN=${planted}`],
    ['a Slack token', `token xoxb-12345-${planted}`],
    ['a unique violation', `DETAIL:  Key (owner_api_key)=(${planted}) already exists.`],
    ['a unique violation of a value with brackets', `DETAIL:  Key (owner_api_key)=(a) b(${planted}) already exists.`],
    ['a failing row', `DETAIL:  Failing row contains (7, ${planted}, null).`],
    ['a COPY context', `CONTEXT:  COPY sessions, line 3, column owner: "${planted}"`],
    ['a COPY line', `CONTEXT:  COPY sessions, line 3: "1,${planted}"`],
    ['a value of the wrong type', `invalid input syntax for type uuid: "${planted}"`],
    ['parameters of SQLAlchemy', `[SQL: INSERT INTO sessions] [parameters: ('x', "${planted}]", 1)]\n(Background: x)`],
    ['a portal', `CONTEXT:  unnamed portal parameter $1 = '${planted}'`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY-----`],
    ['half a private key', `-----BEGIN EC PRIVATE KEY-----\n${planted}`],
    ['an age key', `AGE-SECRET-KEY-1${planted}`],
  ])('hides %s', (_, text) => {
    expect(maskSecrets(text)).not.toContain(planted);
    expect(maskSecrets(text)).toContain('***');
  });

  it.each([
    'column "owner_api_key_hash" of relation "sessions" does not exist',
    'expected 0 rows in "sessions" with a key and no hash, found 17',
    'owner_api_key_hash=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'https://temporal.example/namespaces/default/workflows/agent-api',
    'canceling statement due to lock timeout',
  ])('leaves %j as it is', (text) => expect(maskSecrets(text)).toBe(text));

  it('keeps what stands around a secret', () => {
    expect(maskSecrets(`host=db password=${planted} dbname=app`)).toBe('host=db password=*** dbname=app');
    expect(maskSecrets(`postgresql://app:${planted}@db/app`)).toBe('postgresql://***@db/app');
  });

  it('takes no time over hostile text', () => {
    const startedAt = Date.now();
    for (const part of ['a', '[', '"', 'password', 'key=', '(', '://', 'Key (', ' ', 'eyJ.', '\\"'])
      maskSecrets(part.repeat(200_000));
    expect(Date.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('masking what is known', () => {
  it.each([
    ['itself', (secret: string) => secret],
    ['in a URL', encodeURIComponent],
    ['in JSON', (secret: string) => JSON.stringify(secret)],
    ['as base64', (secret: string) => Buffer.from(secret, 'utf8').toString('base64')],
  ])('hides a secret %s', (_, encode) => {
    const secret = 'ключ "with" /\\ everything';
    expect(redact(`seen ${encode(secret)} here`, [secret])).toMatch(/^seen "?\*\*\*"? here$/);
  });

  it('hides the longer of two secrets whole', () => {
    expect(redact('abcdef-ghij', ['abcdef', 'abcdef-ghij'])).toBe('***');
  });
});

describe('messages of errors', () => {
  it('names the code and stays on one short line', () => {
    const error = Object.assign(new Error(`no\nway ${'x'.repeat(500)}`), { code: 'ECONNRESET' });
    expect(safeMessage(error)).toMatch(/^ECONNRESET: no way x+…$/);
    expect(safeMessage(error)).toHaveLength(300);
  });

  it('looks into errors that say nothing themselves', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(safeMessage(new AggregateError([refused], ''))).toBe('connect ECONNREFUSED 127.0.0.1:1');
    expect(safeMessage(new TypeError('fetch failed', { cause: refused }))).toBe('connect ECONNREFUSED 127.0.0.1:1');
    expect(safeMessage({ secret: planted })).toBe('unknown error');
  });
});
