"""The schema with both columns; what came before is not of interest here."""
revision = "20260201_000006"
down_revision = None


def upgrade():
    raise RuntimeError("the sample schema begins with this revision")


def downgrade():
    raise RuntimeError("the sample schema begins with this revision")
