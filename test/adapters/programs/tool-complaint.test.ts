import { explainComplaint } from '../../../adapters/programs/tool-complaint';

it.each([
  ['', 'pg_dump ended without a message'],
  [
    'pg_dump: error: query failed: ERROR:  permission denied for table keys\npg_dump: detail: Query was: LOCK TABLE keys',
    'pg_dump: query failed: permission denied for table keys',
  ],
  [
    'pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 17',
    'pg_dump: aborting because of server version mismatch',
  ],
  [
    'pg_dump: warning: something\npg_dump: error: connection to server at "127.0.0.1", port 5 failed: Connection refused\n\tIs it running?',
    'pg_dump: connection to server at "127.0.0.1", port 5 failed: Connection refused',
  ],
  [
    'pg_dump: error: connection to server at "10.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "x"',
    'pg_dump: connection to server at "10.0.0.1", port 5432 failed: password authentication failed for user "x"',
  ],
  [
    'pg_restore: while PROCESSING TOC:\npg_restore: from TOC entry 3344; 1259 16500 INDEX words plain owner\n' +
      'pg_restore: error: could not execute query: ERROR:  function inner(text, "other".kind[]) does not exist\nLINE 1: inner(t)',
    'pg_dump: could not execute query: function inner(text, "other".kind[]) does not exist, at INDEX words plain',
  ],
])('keeps what names objects: %s', (stderr, explanation) => {
  expect(explainComplaint(stderr, 'pg_dump')).toBe(explanation);
});

it.each([
  'pg_restore: error: could not read from input file: end of file',
  'pg_restore: error: did not find magic string in file header',
  'pg_restore: error: could not uncompress data: incorrect data check',
])("keeps the tool's own words: %s", (stderr) => {
  expect(explainComplaint(stderr, 'pg_restore')).toBe(stderr.replace('error: ', ''));
});

it.each([
  'pg_restore: error: COPY failed for table "keys": ERROR:  invalid input syntax for type uuid: "sk-secret"\nCONTEXT:  COPY keys, line 3, column id: "sk-secret"',
  'pg_restore: error: COPY failed for table "keys": ERROR:  value "sk-secret" is out of range for type integer',
  'pg_restore: error: COPY failed for table "keys": FEHLER:  ungültige Eingabesyntax für Typ uuid: »sk-secret«',
  'pg_restore: error: could not execute query: ERROR:  syntax error at or near "sk-secret"\nCommand was: INSERT INTO keys VALUES (sk-secret)',
  'pg_restore: error: unrecognized block "sk-secret',
  `pg_restore: error: COPY failed for table "keys": ERROR:  duplicate key value violates unique constraint "keys_pkey"\nDETAIL:  Key (owner)=(sk-secret) already exists.`,
  'pg_restore: while PROCESSING TOC:\npg_restore: error: COPY failed for table "a": ERROR:  extra data after last expected column\nCONTEXT:  COPY a, line 1: "sk-secret"',
])('keeps no value: %s', (stderr) => {
  const explanation = explainComplaint(stderr, 'pg_restore');
  expect(explanation).not.toContain('sk-secret');
  expect(explanation).toMatch(/^pg_restore: /);
});
