"""The real ``aws`` command line, loaded once: a call then costs a fork instead of half a second of imports.

usage: python -m kit.aws_command SOCKET

Each connection sends its arguments, environment and folder with its three standard streams and gets the exit code.
A client that goes away (a signal, ``timeout``) takes its call with it.
"""

import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from awscli.clidriver import CLIDriver, create_clidriver  # type: ignore[import-untyped]

SERVICES = ("cloudformation", "ecr", "elasticbeanstalk", "iam", "s3", "sts")


def serve(address: Path) -> None:
    """Answer calls until the process is ended. It has one thread: a fork beside others could inherit their locks."""
    driver = create_clidriver()
    for service in SERVICES:
        driver.session.get_service_model(service)
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
    code: Any = 255
    try:
        code = driver.main(arguments)
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 255


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
