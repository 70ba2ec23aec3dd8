"""The ``aws`` that is loaded once goes on, whenever a client of it is killed."""

import os
import signal
from pathlib import Path

from kit.cloud import REGION, Cloud, Fault, Planted, loaded_client
from kit.process import run, start, wait_until


def test_a_client_may_be_killed_while_its_answer_arrives(cloud: Cloud, tmp_path: Path) -> None:
    call = [str(tmp_path / "aws"), "sts", "get-caller-identity"]
    settings = cloud.environment(AWS_DEFAULT_REGION=REGION, AWS_CLIENT_SECOND="0.01")
    cloud.plant(Planted(Fault.HANG, call="sts", times=1))

    with loaded_client(tmp_path) as server:
        with start([*call, "--cli-read-timeout", "20"], env=settings | {"AWS_MAX_ATTEMPTS": "1"}) as client:
            wait_until(cloud.calls, "the call has arrived")
            server.signal(signal.SIGSTOP)  # so that it hears of both ends at once
            wait_until(lambda: "timeout" in client.err(), "the call has failed")
            os.killpg(client.pid, signal.SIGKILL)
            client.wait(10)
        server.signal(signal.SIGCONT)

        run(call, env=settings).succeeded()
