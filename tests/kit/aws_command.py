"""The real ``aws`` command line, loaded once: a call then costs a fork instead of half a second of imports.

usage: python -m kit.aws_command SOCKET

Each connection sends its arguments, environment and folder with its three standard streams and gets the exit code.
A client that goes away (a signal, ``timeout``) takes its call with it. ``AWS_CLIENT_SECOND`` in its environment is how
many seconds a second of waiting lasts: it shortens the limits that the caller sets, and the pauses between attempts.
"""

import contextlib
import gc
import io
import os
import selectors
import signal
import socket
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from awscli.botocore.config import Config  # type: ignore[import-untyped]
from awscli.clidriver import CLIDriver, create_clidriver  # type: ignore[import-untyped]

# One call of each service that is worth a warm start; none of them arrives anywhere.
REHEARSED = (
    "acm list-certificates",
    "cloudformation describe-stacks",
    "cloudwatch list-dashboards",
    "ec2 describe-vpcs",
    "ecr describe-repositories",
    "elasticbeanstalk describe-environments",
    "elbv2 describe-target-groups",
    "iam list-roles",
    "logs describe-log-groups",
    "rds describe-db-instances",
    "s3api list-buckets",
    "secretsmanager list-secrets",
    "sns list-topics",
    "sts get-caller-identity",
)
# Options that a command line which stays loaded would keep, or mistake for those of another command.
STICKY = {"--generate-cli-skeleton", "--no-sign-request", "--profile", "--region"}
DATA_PATH = os.environ["AWS_DATA_PATH"]  # which awscli has set when it was imported
NOWHERE = ("--endpoint-url=http://127.0.0.1:9", "--no-sign-request", "--cli-connect-timeout=1")


def rehearse() -> CLIDriver:
    """Return the command line after it has loaded what most calls need."""
    driver = create_clidriver()
    register_once(driver)
    os.environ |= {"AWS_MAX_ATTEMPTS": "1", "AWS_DEFAULT_REGION": "eu-central-1"}  # as options they would stay
    for call in REHEARSED:
        with contextlib.redirect_stderr(io.StringIO()):
            driver.main([*NOWHERE, *call.split()])
    driver.session.set_default_client_config(None)  # it has the options of the last call
    return driver


@dataclass
class Worker:
    """A process that makes one call after the other, and the client that it is working for."""

    pid: int
    line: socket.socket
    client: socket.socket | None = None


class Supervisor:
    """Hands each client to a worker that is free. It has one thread: a fork beside others could inherit their locks."""

    def __init__(self, driver: CLIDriver, listener: socket.socket) -> None:
        """Begin without a worker."""
        self.driver, self.listener = driver, listener
        self.free: list[Worker] = []
        self.events = selectors.DefaultSelector()
        self.events.register(listener, selectors.EVENT_READ, self.take_client)

    def serve(self) -> None:
        """Work until the process is ended."""
        while True:
            for key, _ in self.events.select():
                if self.events.get_map().get(key.fd) is key:  # an event before this one may have settled it
                    key.data()

    def take_client(self) -> None:
        """Give a client's call to a worker; its end, or the client's, is what is waited for then."""
        worker = self.free.pop() if self.free else self.hire()  # before there are streams that it would inherit
        client, _ = self.listener.accept()
        size, streams, _, _ = socket.recv_fds(client, 4, 3)
        request = client.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
        worker.client = client
        socket.send_fds(worker.line, [size], streams)
        worker.line.sendall(request)
        for stream in streams:
            os.close(stream)
        self.events.register(client, selectors.EVENT_READ, partial(self.dismiss, worker))
        self.events.register(worker.line, selectors.EVENT_READ, partial(self.finish, worker))

    def hire(self) -> Worker:
        """Start a worker."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self.listener.close()
            work(self.driver, theirs)
        theirs.close()
        return Worker(pid, ours)

    def finish(self, worker: Worker) -> None:
        """Hand back the exit code of a call."""
        code = worker.line.recv(1)
        client = self.release(worker)
        with client, contextlib.suppress(OSError):
            client.sendall(code or bytes([255]))
        if code:
            self.free.append(worker)
        else:
            os.waitpid(worker.pid, 0)

    def dismiss(self, worker: Worker) -> None:
        """End the worker of a client that went away."""
        os.kill(worker.pid, signal.SIGKILL)
        os.waitpid(worker.pid, 0)
        self.release(worker).close()
        worker.line.close()

    def release(self, worker: Worker) -> socket.socket:
        """Wait for nothing any more, and return the client of a worker."""
        client = worker.client
        assert client
        self.events.unregister(client)
        self.events.unregister(worker.line)
        worker.client = None
        return client


def work(driver: CLIDriver, line: socket.socket) -> None:
    """Make one call after the other, each as if it were the first."""
    nothing = os.open(os.devnull, os.O_RDWR)
    while True:
        size, streams, _, _ = socket.recv_fds(line, 4, 3)
        if not size:
            os._exit(0)
        request = line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        code = become(driver, request)
        for number in range(3):
            os.dup2(nothing, number)
        driver.session._credentials = None  # noqa: SLF001 - the next client may be somebody else
        driver.session.set_default_client_config(None)
        line.sendall(bytes([code & 0xFF]))


def fresh() -> CLIDriver:
    """Return another command line."""
    os.environ.setdefault("AWS_DATA_PATH", DATA_PATH)
    return create_clidriver()


def become(driver: CLIDriver, request: bytes) -> int:
    """Be the command that a client stands for and return its exit code."""
    folder, count, *words = request.decode("utf-8", "surrogateescape").split("\0")
    arguments = words[: int(count)]
    os.environ.clear()
    os.environ.update(word.partition("=")[::2] for word in words[int(count) :])
    os.chdir(folder)
    code: Any = 255
    try:
        code = (fresh() if STICKY & {*arguments} else driver).main(arguments)
    except SystemExit as end:
        code = end.code
    with contextlib.suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else 255


def hurry(driver: CLIDriver) -> None:
    """Shorten the limit for an answer, where the caller sets one, and the pauses between attempts."""
    sleep, session = time.sleep, driver.session

    def second() -> float:
        return float(os.environ.get("AWS_CLIENT_SECOND", "1"))

    def shorten(parsed_args: Any, **_: object) -> None:  # noqa: ANN401 - a namespace of argparse
        if parsed_args.read_timeout:
            limit = Config(read_timeout=parsed_args.read_timeout * second())
            session.set_default_client_config(session.get_default_client_config().merge(limit))

    session.register("top-level-args-parsed", shorten)
    time.sleep = lambda seconds: sleep(float(seconds) * second())


def register_once(driver: CLIDriver) -> None:
    """Keep what each call registers anew from piling up: after a thousand, a call would take ten times as long."""
    session, known = driver.session, set()
    register = session.register

    def once(event: str, handler: object, *rest: object, **options: object) -> None:
        key = event, handler if isinstance(handler, FunctionType | MethodType) else type(handler)
        if key not in known:
            known.add(key)
            register(event, handler, *rest, **options)

    session.register = once


def remember_clients(driver: CLIDriver) -> None:
    """Keep what a call builds before it connects: to build that again for every call takes as long as the call.

    A client that was kept is used for the same settings alone, and over a new connection.
    """
    session, clients = driver.session, {}
    create = session.create_client

    def recall(*words: Any, **options: Any) -> Any:  # noqa: ANN401 - as botocore takes and gives them
        config = session.get_default_client_config()
        settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
        key = repr((words, sorted(options.items()), config and config._user_provided_options, settings))  # noqa: SLF001
        if key not in clients:
            clients[key] = create(*words, **options)
        clients[key].close()
        return clients[key]

    session.create_client = recall


def main(address: Path) -> None:
    """Answer calls until the process is ended."""
    driver = rehearse()
    hurry(driver)
    remember_clients(driver)
    gc.collect()
    gc.freeze()  # what is loaded stays shared with the workers
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen(64)
        Supervisor(driver, listener).serve()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
