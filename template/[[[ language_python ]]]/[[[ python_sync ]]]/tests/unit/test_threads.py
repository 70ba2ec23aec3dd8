"""The threads that requests are served in."""

import threading

import pytest

from app.server import Threads


def no_more(_thread: threading.Thread) -> None:
    message = "can't start new thread"
    raise RuntimeError(message)


def test_a_request_for_which_there_is_no_thread_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    served = threading.Event()
    with Threads(2) as threads:
        threads.submit(served.wait)
        monkeypatch.setattr(threading.Thread, "start", no_more)
        waiting = threads.submit(str, "answer")
        served.set()

        assert waiting.result(10) == "answer"
