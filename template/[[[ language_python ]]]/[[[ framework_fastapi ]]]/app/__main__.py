"""The life of the service: configuration, log, storage, app, listen; then, at a signal, the same way back."""

import asyncio
import os
import socket
import sys

from uvicorn.loops.auto import auto_loop_factory

from app.app import Deps, create_app
from app.clock import now
from app.config import Config, ConfigError, load_config
from app.db import Db
from app.health import Lifecycle
from app.ids import new_id
from app.log import Log, adopt_libraries
from app.metrics import Metrics
from app.routes import ROUTES
from app.server import Server


def main() -> str | None:
    """Serve by the settings of the environment; return why that cannot be."""
    try:
        config = load_config(os.environ)
        listener = listen(config)
    except ConfigError as error:
        return str(error)
    except OSError as error:
        return f"cannot listen: {error}"
    with listener, asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(config, listener))
    return None


def listen(config: Config) -> socket.socket:
    """Bind the port; connections wait until the service accepts them."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    return socket.create_server((config.host, config.port), family=family, backlog=2048)


async def serve(config: Config, listener: socket.socket) -> None:
    """Serve until a signal."""
    log = Log(config)
    adopt_libraries(log)
    lifecycle = Lifecycle()
    metrics = Metrics(config, lifecycle.active)
    db = Db(config, metrics) if config.has_database else None
    if db:
        await db.open()
    else:
        log.memory_store()
    deps = Deps(config, log, metrics, db, lifecycle, now, new_id)
    await Server(create_app(deps, ROUTES), deps).serve([listener])
    if db:
        await db.close()
    log.shutdown_completed()


if __name__ == "__main__":
    sys.exit(main())
