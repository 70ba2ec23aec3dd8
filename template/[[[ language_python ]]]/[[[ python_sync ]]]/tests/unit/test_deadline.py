"""How long a request may take."""

import pytest

from app.deadline import remaining, within
from app.problem import Problem


def test_outside_of_a_request_something_may_take_as_long_as_it_wants() -> None:
    assert remaining(60) == 60


def test_within_a_request_nothing_may_take_longer_than_the_request() -> None:
    with within(10):
        assert remaining(5) == 5
        assert 9 < remaining(60) <= 10
    assert remaining(60) == 60


def test_a_part_of_a_request_gets_no_more_time_than_the_whole() -> None:
    with within(1):
        with within(60):
            assert remaining(60) <= 1
        with within(0.5):
            assert remaining(60) <= 0.5


def test_with_no_time_left_the_request_is_a_time_out() -> None:
    with within(0), pytest.raises(Problem, match="timeout"):
        remaining(60)
