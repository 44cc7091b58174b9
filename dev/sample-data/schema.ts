import { Client } from 'pg';

/** The revision of the schema with both columns (runbook, "The application"). */
const REVISION = '20260201_000006';

/**
 * The tables of the real application as the runbook tells them: 255 here and 256 there, a full index and a partial one,
 * comments and a column grant that a restored column must get back, and a table that no rollout may touch.
 */
const schema = `
CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY);
INSERT INTO alembic_version VALUES ('${REVISION}');

CREATE TABLE sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title varchar(255) NOT NULL,
  status varchar(32) NOT NULL DEFAULT 'active',
  metadata jsonb NOT NULL DEFAULT '{}',
  owner_api_key varchar(255),
  owner_api_key_hash varchar(64),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_sessions_owner_api_key ON sessions (owner_api_key);
CREATE INDEX idx_sessions_owner_api_key_hash ON sessions (owner_api_key_hash);
COMMENT ON COLUMN sessions.owner_api_key IS 'Plaintext key of the owner; superseded by owner_api_key_hash';
COMMENT ON COLUMN sessions.owner_api_key_hash IS 'sha256 of the owner''s key, lower-case hex';

CREATE TABLE assistants (
  id varchar(64) PRIMARY KEY,
  name varchar(255) NOT NULL,
  model varchar(255) NOT NULL,
  instructions text NOT NULL DEFAULT '',
  owner_api_key varchar(256),
  owner_api_key_hash varchar(64),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_assistants_owner_api_key ON assistants (owner_api_key) WHERE owner_api_key IS NOT NULL;
CREATE INDEX idx_assistants_owner_api_key_hash ON assistants (owner_api_key_hash);
COMMENT ON COLUMN assistants.owner_api_key IS 'Plaintext key of the owner, up to 256 characters';

CREATE TABLE usage_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind varchar(64) NOT NULL,
  amount numeric(12, 4) NOT NULL,
  happened_at timestamptz NOT NULL
);

GRANT SELECT ON sessions, assistants, usage_events TO agent_api_reports;
GRANT UPDATE (owner_api_key) ON sessions TO agent_api_reports;
`;

/** Roles belong to the whole server, where another database may have created this one, even at this moment. */
const role = `
DO $$ BEGIN
  CREATE ROLE agent_api_reports NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$`;

/** Creates the sample application's tables in an empty database, all or nothing. */
export async function createSampleSchema(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(role);
    await client.query(schema);
  } finally {
    await client.end();
  }
}
