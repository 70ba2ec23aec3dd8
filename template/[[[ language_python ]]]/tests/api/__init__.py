"""The contract over HTTP; no database is needed."""
