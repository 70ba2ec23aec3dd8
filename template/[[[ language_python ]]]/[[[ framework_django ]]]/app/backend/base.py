"""Django's own PostgreSQL backend, in which nobody waits longer for a connection than the request may take."""

from typing import Any

from django.db.backends.postgresql import base

from app.deadline import remaining


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection out of the pool."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:  # noqa: ANN401, ARG002 - the signature of Django
        """Wait for one."""
        return self.pool.getconn(remaining(self.pool.timeout))
