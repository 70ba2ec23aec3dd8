"""Headers that every answer carries."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.deps import Deps
from app.headers import static_headers


class Headers:
    """Adds them; while the service drains, also the one that sends the client elsewhere."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        self._app = app
        self._lifecycle = deps.lifecycle
        self._always = [(name.encode(), value.encode()) for name, value in static_headers(deps.config)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].extend(self._always)
                if self._lifecycle.draining:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        await self._app(scope, receive, send_with_headers)
