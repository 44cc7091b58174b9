import { toolConnection } from '../../../adapters/postgres/tool-connection';

const of = (url: string) => toolConnection({ url, applicationName: 'ours' }, 'the tool');

// `pg` warns of what a later version of it will do.
beforeAll(() => void jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterAll(() => void jest.restoreAllMocks());

it('says by variables what the URL says', () => {
  expect(of('postgres://a%20b:p%40w@db.example:5433/data%20base')).toEqual({
    PGHOST: 'db.example',
    PGPORT: '5433',
    PGUSER: 'a b',
    PGPASSWORD: 'p@w',
    PGDATABASE: 'data base',
    PGAPPNAME: 'the tool',
    PGCONNECT_TIMEOUT: '5',
  });
});

it.each([
  ['sslmode=require', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
  ['ssl=true', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
  ['sslmode=verify-full', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
  ['sslmode=no-verify', { PGSSLMODE: 'require' }],
  ['sslmode=disable', { PGSSLMODE: 'disable' }],
  ['uselibpqcompat=true&sslmode=require', { PGSSLMODE: 'require' }],
])('encrypts at least as well as our own sessions: %s', (parameters, variables) => {
  expect(of(`postgres://u@h:5432/d?${parameters}`)).toMatchObject(variables);
});

it('hands on the certificates', () => {
  expect(of(`postgres://u@h:5432/d?sslmode=verify-full&sslrootcert=${__filename}`)).toMatchObject({
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: __filename,
  });
});

it('takes a folder of sockets for a host', () => {
  expect(of('postgres://u@%2Fvar%2Ftmp%2Fs:5432/d')).toMatchObject({ PGHOST: '/var/tmp/s', PGUSER: 'u' });
});

it('shows nothing of a URL that is none', () => {
  expect(() => of('postgres://user:secret@[broken/db')).toThrow(
    'expected a URL such as postgres://user@host:5432/database; correct the setting',
  );
});
