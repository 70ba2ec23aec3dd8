"""The real ``aws`` command line, loaded once: a call then costs a fork instead of half a second of imports.

usage: python aws_command.py SOCKET

Each connection sends its arguments, environment and folder with its three standard streams and gets the exit code.
A client that goes away (a signal, ``timeout``) takes its call with it.
"""

import json
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from awscli.clidriver import CLIDriver, create_clidriver  # type: ignore[import-untyped]

SERVICES = ("cloudformation", "ecr", "elasticbeanstalk", "iam", "s3", "sts")
CLIENT = """\
#!{python} -IS
import json, os, socket, sys
sys.argv[0] = "aws"
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    request = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(server, [len(request).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(request)
    sys.exit(server.recv(1)[0])
"""


def serve(address: Path) -> None:
    """Answer calls until the process is ended."""
    driver = create_clidriver()
    for service in SERVICES:
        driver.session.get_service_model(service)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen(64)
        while True:
            connection, _ = listener.accept()
            size, streams, _, _ = socket.recv_fds(connection, 4, 3)
            request = connection.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL)
            child = os.fork()
            if child == 0:
                listener.close()
                connection.close()
                _answer(driver, request, streams)
            for stream in streams:
                os.close(stream)
            threading.Thread(target=_hand_back, args=(child, connection), daemon=True).start()


def _answer(driver: CLIDriver, request: bytes, streams: list[int]) -> None:
    """Become the command that the client stands for."""
    arguments, environment, folder = json.loads(request)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    code: Any = 255
    try:
        code = driver.main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 255)


def _hand_back(child: int, connection: socket.socket) -> None:
    """Send the exit code of the call, or end the call when its client has gone."""
    descriptor = os.pidfd_open(child)
    with connection:
        ready, _, _ = select.select([descriptor, connection.fileno()], [], [])
        if descriptor not in ready:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if descriptor in ready:
            connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    os.close(descriptor)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
