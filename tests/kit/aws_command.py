"""The real ``aws`` command line, loaded once: a call then costs a fork instead of half a second of imports.

usage: python -m kit.aws_command SOCKET

Each connection sends its arguments, environment and folder with its three standard streams and gets the exit code.
A client that goes away (a signal, ``timeout``) takes its call with it. ``AWS_CLIENT_SECOND`` in its environment is how
many seconds a second of waiting lasts: it shortens the limits that the caller sets, and the pauses between attempts.
"""

import contextlib
import io
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
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
NOWHERE = ("--endpoint-url=http://127.0.0.1:9", "--no-sign-request", "--cli-connect-timeout=1")


def rehearse() -> CLIDriver:
    """Return the command line after it has loaded what most calls need."""
    driver = create_clidriver()
    os.environ |= {"AWS_MAX_ATTEMPTS": "1", "AWS_DEFAULT_REGION": "eu-central-1"}  # as options they would stay
    for call in REHEARSED:
        with contextlib.redirect_stderr(io.StringIO()):
            driver.main([*NOWHERE, *call.split()])
    driver.session.set_default_client_config(None)  # it has the options of the last call
    return driver


def serve(address: Path) -> None:
    """Answer calls until the process is ended. It has one thread: a fork beside others could inherit their locks."""
    driver = rehearse()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen(64)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                os._exit(_attend(driver, connection))
            connection.close()


def _attend(driver: CLIDriver, connection: socket.socket) -> int:
    """Serve one client: run its command in a child, hand back the exit code, end the child if the client goes."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    request = connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
    command = os.fork()
    if command == 0:
        connection.close()
        return _become(driver, request, streams)
    for stream in streams:
        os.close(stream)
    descriptor = os.pidfd_open(command)
    ready, _, _ = select.select([descriptor, connection.fileno()], [], [])
    if descriptor not in ready:
        os.kill(command, signal.SIGKILL)
    _, status = os.waitpid(command, 0)
    if descriptor in ready:
        connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    return 0


def _become(driver: CLIDriver, request: bytes, streams: list[int]) -> int:
    """Be the command that the client stands for and return its exit code."""
    arguments, environment, folder = json.loads(request)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if "AWS_CLIENT_SECOND" in environment:
        _hurry(driver, float(environment["AWS_CLIENT_SECOND"]))
    code: Any = 255
    try:
        code = driver.main(arguments)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 255


def _hurry(driver: CLIDriver, second: float) -> None:
    """Shorten the limit for an answer, if the caller sets one, and the pauses between attempts."""
    sleep, session = time.sleep, driver.session

    def shorten(parsed_args: Any, **_: object) -> None:  # noqa: ANN401 - a namespace of argparse
        if parsed_args.read_timeout:
            limit = Config(read_timeout=parsed_args.read_timeout * second)
            session.set_default_client_config(session.get_default_client_config().merge(limit))

    session.register("top-level-args-parsed", shorten)
    time.sleep = lambda seconds: sleep(float(seconds) * second)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
