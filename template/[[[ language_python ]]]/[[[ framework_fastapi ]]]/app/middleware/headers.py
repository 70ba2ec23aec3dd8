"""Headers that every answer carries."""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.config import Config

if TYPE_CHECKING:
    from app.app import Deps


def static_headers(config: Config) -> list[tuple[bytes, bytes]]:
    """Return those that never change."""
    return [
        (b"x-service-version", config.service_commit.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
    ]


class Headers:
    """Adds them; while the service drains, also the one that sends the client elsewhere."""

    def __init__(self, app: ASGIApp, deps: "Deps") -> None:
        self._app = app
        self._lifecycle = deps.lifecycle
        self._always = static_headers(deps.config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].extend(self._always)
                if self._lifecycle.draining:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        await self._app(scope, receive, send_with_headers)
