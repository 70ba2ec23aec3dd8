"""A TCP forwarder between a service and its database: it can hold its breath, count, and speak TLS for the server."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

CHUNK = 65536
SSL_REQUEST = bytes.fromhex("0000000804d2162f")  # PostgreSQL protocol: length 8, code 80877103


@dataclass
class Forwarder:
    """Forwards connections to ``target``, a port of 127.0.0.1."""

    target: int
    tls: ssl.SSLContext | None = None
    """With a context the forwarder accepts PostgreSQL's request for TLS and speaks it towards the service."""
    port: int = 0
    messages: int = 0
    """How many pieces the service has sent towards the database: at least one a query."""
    _flowing: threading.Event = field(default_factory=threading.Event)
    _sockets: list[socket.socket] = field(default_factory=list)

    def hold(self) -> None:
        """Forward nothing more: the database seems to be there and says nothing."""
        self._flowing.clear()

    def release(self) -> None:
        """Forward what was held, and all that follows."""
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        # The block may have ended meanwhile: who opens a connection closes it.
        with contextlib.suppress(OSError), contextlib.ExitStack() as ends:
            self._sockets.append(ends.enter_context(client))
            if self.tls:
                client = ends.enter_context(self._shake_hands(client, self.tls))
            server = ends.enter_context(socket.create_connection(("127.0.0.1", self.target)))
            self._sockets += [client, server]
            answers = threading.Thread(target=self._pump, args=(server, client, 0), daemon=True)
            answers.start()
            self._pump(client, server, 1)
            answers.join()

    def _shake_hands(self, client: socket.socket, context: ssl.SSLContext) -> socket.socket:
        if client.recv(len(SSL_REQUEST), socket.MSG_WAITALL) != SSL_REQUEST:
            message = "the service asked for no TLS"
            raise OSError(message)
        client.sendall(b"S")
        return context.wrap_socket(client, server_side=True)

    def _pump(self, source: socket.socket, sink: socket.socket, count: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                self._flowing.wait()
                self.messages += count
                sink.sendall(data)
        _shut(source, sink)


def _shut(*ends: socket.socket) -> None:
    """Wake up whoever waits for these sockets."""
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def forwarding(target: int, tls: ssl.SSLContext | None = None) -> Iterator[Forwarder]:
    """Forward connections to a port of 127.0.0.1 for the length of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        forwarder = Forwarder(target, tls, listener.getsockname()[1])
        forwarder.release()
        threading.Thread(target=forwarder._accept, args=(listener,), daemon=True).start()  # noqa: SLF001 - its own start
        try:
            yield forwarder
        finally:
            forwarder.release()
            listener.shutdown(socket.SHUT_RDWR)
            _shut(*forwarder._sockets)  # noqa: SLF001 - its own end
