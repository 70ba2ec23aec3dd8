"""Bounds of the contract that no setting moves."""

HEADER_BYTES = 16 * 1024
HEADER_SECONDS = 5
REQUEST_SECONDS = 15
KEEP_ALIVE_SECONDS = 75
FAREWELL_SECONDS = 0.25
"""How long a service that ends waits for requests that are on their way on idle connections."""
LINGER_SECONDS = 1
"""How long it waits for a client to read the last answer of a connection."""
