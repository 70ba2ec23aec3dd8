"""What every request passes: ids and logs, headers, limits. One WSGI layer, for each more costs a request."""
