"""What every request passes: ids and logs, headers, limits. Plain ASGI, for each layer more costs a request little."""
