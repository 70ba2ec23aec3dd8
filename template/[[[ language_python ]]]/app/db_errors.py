"""What an error of the database means."""

import psycopg

from app.problem import Problem


def problem_of(error: psycopg.Error) -> Exception:
    """Tell refusals of the server, which have a code, from a broken connection, which has none."""
    state = error.sqlstate
    if state == "57014":
        return Problem("timeout")
    broken = state is None and isinstance(error, psycopg.OperationalError)
    if broken or (state is not None and state.startswith(("08", "53", "57P"))):
        return Problem("unavailable")
    return error


def reason_of(error: Exception) -> str:
    """Say why the database is not ready."""
    cause = error.__cause__ if isinstance(error, Problem) else error
    return str(cause or error)
