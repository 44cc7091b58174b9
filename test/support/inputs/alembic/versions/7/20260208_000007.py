"""Drop the plaintext API keys; the way back builds the columns as they were, empty."""
import sqlalchemy as sa
from alembic import op

revision = "20260208_000007"
down_revision = "20260201_000006"


def upgrade():
    op.drop_column("sessions", "owner_api_key")
    op.drop_column("assistants", "owner_api_key")


def downgrade():
    op.add_column(
        "sessions",
        sa.Column("owner_api_key", sa.String(255), comment="Plaintext key of the owner; superseded by owner_api_key_hash"),
    )
    op.create_index("idx_sessions_owner_api_key", "sessions", ["owner_api_key"])
    op.add_column(
        "assistants",
        sa.Column("owner_api_key", sa.String(256), comment="Plaintext key of the owner, up to 256 characters"),
    )
    op.create_index(
        "idx_assistants_owner_api_key",
        "assistants",
        ["owner_api_key"],
        postgresql_where=sa.text("owner_api_key IS NOT NULL"),
    )
