"""The life of the service: log, storage, app, listen; then, at a signal, the same way back."""

import socket

from app.app import Routes, create_app
from app.clock import now
from app.config import Config
from app.db import Db
from app.deps import Deps
from app.ids import new_id
from app.lifecycle import Lifecycle
from app.log import Log, adopt_libraries
from app.metrics import Metrics
from app.server import Application, Worker


def serve(config: Config, listener: socket.socket, routes: Routes) -> None:
    """Serve until a signal."""
    log = Log(config)
    adopt_libraries(log)
    lifecycle = Lifecycle()
    metrics = Metrics(config, lifecycle.active)
    db = Db(config, metrics) if config.has_database else None
    if db:
        db.open()
    else:
        log.memory_store()
    deps = Deps(config, log, metrics, db, lifecycle, now, new_id)
    Worker(Application(create_app(deps, routes), config), deps, listener).init_process()
    if db:
        db.close()
    log.shutdown_completed()
