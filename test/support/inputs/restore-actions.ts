import { join } from 'node:path';
import { findPostgresFolder } from '../../../dev/servers/programs';

/** Statements that build again what the first plan drops, as a migration tool would. */
export const built = {
  sessions: `alter table sessions add column owner_api_key varchar(255);
    create index idx_sessions_owner_api_key on sessions (owner_api_key);
    comment on column sessions.owner_api_key is 'Plaintext key of the owner; superseded by owner_api_key_hash';
    grant update (owner_api_key) on sessions to agent_api_reports;`,
  assistants: `alter table assistants add column owner_api_key varchar(256);
    create index idx_assistants_owner_api_key on assistants (owner_api_key) where owner_api_key is not null;
    comment on column assistants.owner_api_key is 'Plaintext key of the owner, up to 256 characters';`,
  revision: `update alembic_version set version_num = '20260201_000006';`,
};

/** All of it, right. */
export const rightly = [built.sessions, built.assistants, built.revision].join('\n');

/** A migration tool: a program that sends statements, without a transaction around them. */
export const psqlAction = (url: string, sql: string): { command: string[] } => ({
  command: [join(findPostgresFolder(), 'psql'), '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql],
});

/** What an action that is meant to restore can do wrong, and what is said of it. `sh`: instead of statements. */
export const wrongly: Record<string, { sql?: string; sh?: string; limitMs?: number; says: RegExp }> = {
  'builds another type': {
    sql: rightly.replace('varchar(256)', 'varchar(255)'),
    says: /expected the action "downgrade" to build assistants\.owner_api_key as it was \(character varying\(256\)\), found character varying\(255\); fix its migration/,
  },
  'builds a full index for a partial one': {
    sql: rightly.replace(' where owner_api_key is not null', ''),
    says: /assistants\.owner_api_key by the action "downgrade".*index idx_assistants_owner_api_key as "CREATE INDEX .*", which was ".* WHERE /,
  },
  'builds a default': {
    sql: rightly.replace('varchar(255)', `varchar(255) default 'nobody'`),
    says: /sessions\.owner_api_key by the action "downgrade".*another default|someone has written keys meanwhile/,
  },
  'fails half-way': {
    sql: `begin; ${built.sessions} commit; select 1 / 0;`,
    says: /expected the migration to 20260201_000006 by the action "downgrade", found the columns inconsistent and revision 20260208_000007; it ended with expected exit status 0/,
  },
  'forgets the revision': {
    sql: built.sessions + built.assistants,
    says: /found the columns present and revision 20260208_000007; it ended with exit status 0/,
  },
  'goes to another revision': {
    sql: rightly.replace('20260201_000006', '20250101_000001'),
    says: /found the columns present and revision 20250101_000001/,
  },
  'does nothing and says that it has': {
    sql: 'select 1',
    says: /found the columns dropped and revision 20260208_000007; it ended with exit status 0/,
  },
  'takes too long': {
    sql: `begin; ${built.sessions} commit; select pg_sleep(60)`,
    limitMs: 1_500,
    says: /found the columns inconsistent and revision 20260208_000007/,
  },
  'is killed': { sh: 'kill -9 $$', says: /found the columns dropped and revision 20260208_000007/ },
};
