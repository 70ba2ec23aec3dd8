"""A service of the tests' own resource, to be run as a process."""

import os

from app.__main__ import listen
from app.config import load_config
from app.life import serve
from tests.support.routes import echo_routes


def main() -> None:
    """Serve by the settings of the environment."""
    config = load_config(os.environ)
    with listen(config) as listener:
        serve(config, listener, [echo_routes])


if __name__ == "__main__":
    main()
