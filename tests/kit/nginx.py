"""A real nginx, set up as Elastic Beanstalk sets up the one on its machines."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from kit.process import free_port, start, wait_until
from kit.tools import tool

SETTINGS = """\
daemon off;
worker_processes 1;
user {user};
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} default_server;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
    include {included};
  }}
}}
"""


@contextlib.contextmanager
def nginx(included: Path, behind: int, folder: Path) -> Iterator[int]:
    """Run nginx in front of the port ``behind`` for the length of the block; yield its own port of 127.0.0.1.

    ``included`` is a file of directives of the ``server`` block; ``folder`` takes what nginx writes.
    """
    port = free_port()
    settings = folder / "nginx.conf"
    owner = "root" if os.getuid() == 0 else "nobody"
    settings.write_text(SETTINGS.format(user=owner, folder=folder, port=port, behind=behind, included=included))
    with start([tool("nginx"), "-p", folder, "-e", "stderr", "-c", settings]) as server:
        wait_until(lambda: _listens(port), f"nginx takes connections\n{server}")
        yield port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return False
    return True
