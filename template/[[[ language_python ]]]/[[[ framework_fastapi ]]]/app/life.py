"""The life of the service: log, storage, app, listen; then, at a signal, the same way back."""

import asyncio
import socket

from uvicorn.loops.auto import auto_loop_factory

from app.app import Routes, create_app
from app.clock import now
from app.config import Config
from app.db import Db
from app.deps import Deps
from app.ids import new_id
from app.lifecycle import Lifecycle
from app.log import Log, adopt_libraries
from app.metrics import Metrics
from app.server import Server


def serve(config: Config, listener: socket.socket, routes: Routes) -> None:
    """Serve until a signal."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_serve(config, listener, routes))


async def _serve(config: Config, listener: socket.socket, routes: Routes) -> None:
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
    await Server(create_app(deps, routes), deps).serve([listener])
    if db:
        await db.close()
    log.shutdown_completed()
