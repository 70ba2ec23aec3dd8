"""The entry point: configuration and port first, for without them there is nothing to begin."""

import os
import socket
import sys

from app.config import Config, ConfigError, load_config
from app.life import serve
from app.routes import ROUTES


def main() -> str | None:
    """Serve by the settings of the environment; return why that cannot be."""
    try:
        config = load_config(os.environ)
        listener = listen(config)
    except ConfigError as error:
        return str(error)
    except OSError as error:
        return f"cannot listen: {error}"
    with listener:
        serve(config, listener, ROUTES)
    return None


def listen(config: Config) -> socket.socket:
    """Bind the port; connections wait until the service accepts them."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    return socket.create_server((config.host, config.port), family=family, backlog=2048)


if __name__ == "__main__":
    sys.exit(main())
