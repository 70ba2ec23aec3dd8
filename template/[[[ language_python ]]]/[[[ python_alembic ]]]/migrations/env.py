"""How Alembic runs the migrations: on the connection, and in the transaction, of app/migrate.py."""

from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], on_version_apply=attributes["on_version_apply"])
context.run_migrations()
