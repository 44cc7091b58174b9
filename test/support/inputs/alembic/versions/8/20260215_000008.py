"""A later revision that nobody has approved: it must apply afterwards, and never by itself."""
import sqlalchemy as sa
from alembic import op

revision = "20260215_000008"
down_revision = "20260208_000007"


def upgrade():
    op.add_column("usage_events", sa.Column("note", sa.String(64)))


def downgrade():
    op.drop_column("usage_events", "note")
