"""Ids of requests."""

import pytest

from app.identity import identify

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_request_without_ids_begins_a_trace() -> None:
    context, traceparent = identify()

    assert len(context.trace_id) == 32
    assert context.request_id == context.trace_id
    assert traceparent == f"00-{context.trace_id}-{context.span_id}-01"


def test_no_two_requests_share_an_id() -> None:
    contexts = [identify()[0] for _ in range(1000)]

    assert len({context.trace_id for context in contexts}) == len({context.span_id for context in contexts}) == 1000


@pytest.mark.parametrize(
    "header", [f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-01-later"]
)
def test_a_trace_is_continued_with_a_new_span(header: str) -> None:
    context, traceparent = identify(traceparent=header)

    assert (context.trace_id, context.span_id == PARENT) == (TRACE, False)
    assert traceparent == f"00-{TRACE}-{context.span_id}-{header[53:55]}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE.upper()}-{PARENT}-01",
    ],
)
def test_another_traceparent_begins_a_trace(header: str) -> None:
    assert identify(traceparent=header)[0].trace_id != TRACE


@pytest.mark.parametrize("wanted", ["a", "A-Z_0.9", "x" * 128])
def test_a_request_id_is_kept(wanted: str) -> None:
    assert identify(wanted)[0].request_id == wanted


@pytest.mark.parametrize("wanted", ["", "a b", "a,b", "\xe9", "x" * 129])
def test_another_request_id_is_replaced_by_the_trace_id(wanted: str) -> None:
    context, _ = identify(wanted)

    assert context.request_id == context.trace_id
