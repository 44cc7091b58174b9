"""The application's Alembic environment: models of its tables, and the database of the environment."""
import os

from alembic import context
from sqlalchemy import create_engine

from models import metadata_of

engine = create_engine("postgresql+psycopg2://" + os.environ["DATABASE_URL"].split("://", 1)[1])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata_of(os.environ.get("MODELS", "phase3")),
        compare_type=True,
        compare_server_default=False,
        include_schemas=False,
    )
    with context.begin_transaction():
        context.run_migrations()
