"""Where messages go: a web server that plays Slack, PagerDuty and the heartbeat, and a mail server."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGERDUTY = "/v2/enqueue"
SLACK = "/slack"
HEARTBEAT = "/heartbeat"


@dataclass
class Inbox:
    """What has arrived, in its order; each message as its channel, whether it ends something, and its words."""

    messages: list[tuple[str, bool, str]] = field(default_factory=list)
    http: int = 0
    smtp: int = 0

    def text(self, channel: str, *words: str, over: bool = False, since: int = 0) -> str:
        """Return the first message of a channel that holds all the words and ends something or not, or ""."""
        fitting = (
            text
            for arrived, ends, text in self.messages[since:]
            if arrived == channel and ends == over and all(word in text for word in words)
        )
        return next(fitting, "")

    def count(self, channel: str) -> int:
        """Return how many messages of a channel have arrived."""
        return sum(arrived == channel for arrived, _, _ in self.messages)

    def post(self, path: str, body: Any) -> None:  # noqa: ANN401 - whatever JSON says
        """Take a message of the web."""
        text = json.dumps(body, ensure_ascii=False)
        if path == PAGERDUTY:
            self.messages.append(("pagerduty", body["event_action"] == "resolve", text))
        elif path == SLACK:
            self.messages.append(("slack", "[RESOLVED]" in text, text))
        else:
            self.messages.append((path.strip("/"), body.get("status") == "resolved", text))

    def mail(self, data: bytes) -> None:
        """Take a mail."""
        mail = message_from_bytes(data, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        text = "\n".join([f"To: {mail['To']}", str(mail["Subject"]), body.get_content() if body else ""])
        self.messages.append(("email", "[RESOLVED]" in str(mail["Subject"]), text))


@contextmanager
def inbox() -> Iterator[Inbox]:
    """Run both servers on free ports of 127.0.0.1 for the length of the block."""
    box = Inbox()

    class Web(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.post(self.path, json.loads(body))
            answer = b'{"status": "success", "dedup_key": "x"}' if self.path == PAGERDUTY else b"ok"
            self.send_response(202 if self.path == PAGERDUTY else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Mail(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            """Speak as much SMTP as a sender needs."""
            self.wfile.write(b"220 sink ESMTP\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    box.mail(b"".join(lines))
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Web) as web,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail) as mail,
    ):
        mail.daemon_threads = True
        box.http, box.smtp = web.server_address[1], mail.server_address[1]
        for server in (web, mail):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield box
        finally:
            web.shutdown()
            mail.shutdown()
