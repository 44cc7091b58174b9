"""What the releases of the sample application declare of their tables: phase2 with the plaintext keys, phase3 without."""
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID


def metadata_of(release: str) -> sa.MetaData:
    metadata = sa.MetaData()
    keys = release == "phase2"

    def key(length: int, comment: str) -> list:
        return [sa.Column("owner_api_key", sa.String(length), comment=comment)] if keys else []

    sa.Table(
        "sessions",
        metadata,
        sa.Column("id", UUID(as_uuid=True), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("status", sa.String(32), nullable=False, server_default="active"),
        sa.Column("metadata", JSONB, nullable=False, server_default="{}"),
        *key(255, "Plaintext key of the owner; superseded by owner_api_key_hash"),
        sa.Column("owner_api_key_hash", sa.String(64), comment="sha256 of the owner's key, lower-case hex"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        *([sa.Index("idx_sessions_owner_api_key", "owner_api_key")] if keys else []),
        sa.Index("idx_sessions_owner_api_key_hash", "owner_api_key_hash"),
    )
    sa.Table(
        "assistants",
        metadata,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("model", sa.String(255), nullable=False),
        sa.Column("instructions", sa.Text, nullable=False, server_default=""),
        *key(256, "Plaintext key of the owner, up to 256 characters"),
        sa.Column("owner_api_key_hash", sa.String(64)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        *(
            [sa.Index("idx_assistants_owner_api_key", "owner_api_key", postgresql_where=sa.text("owner_api_key IS NOT NULL"))]
            if keys
            else []
        ),
        sa.Index("idx_assistants_owner_api_key_hash", "owner_api_key_hash"),
    )
    sa.Table(
        "usage_events",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("amount", sa.Numeric(12, 4), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
    )
    return metadata
