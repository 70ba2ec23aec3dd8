"""On PostgreSQL."""
