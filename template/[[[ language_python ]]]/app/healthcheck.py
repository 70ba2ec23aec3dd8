"""The health check of the image: exit code 0 when this service lives."""

import http.client
import os
import sys


def main() -> int:
    """Ask the service on this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8080), timeout=2)
    try:
        connection.request("GET", "/health")
        return 0 if connection.getresponse().status == http.HTTPStatus.OK else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
