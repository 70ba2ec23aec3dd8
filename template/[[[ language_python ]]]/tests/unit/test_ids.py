"""Ids."""

import time
from uuid import RFC_4122

from app.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = new_id()

    assert (made.version, made.variant) == (7, RFC_4122)


def test_an_id_begins_with_the_time_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    milliseconds = new_id().int >> 80
    after = time.time_ns() // 1_000_000

    assert before <= milliseconds <= after


def test_no_two_ids_are_the_same() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
