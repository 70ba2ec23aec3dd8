"""What breaks in the running service reaches somebody, once, and so does its end. Everything is sixty times as fast."""

import pytest

from kit.process import wait_until
from monitoring.world import World
from service.stacks import with_first_stack

pytestmark = [pytest.mark.xdist_group("alert path"), with_first_stack]

FAST, SLOWLY, DOWN, POOL = "ErrorBudgetBurnsFast", "ErrorBudgetBurnsSlowly", "ServiceDown", "DatabasePoolExhausted"
CHANNELS = ("pagerduty", "slack", "email")
LINKS = ("monitoring/runbooks/ErrorBudgetBurnsFast.md", "/d/my-service-slo?var-environment=production")


def test_a_service_that_is_well_disturbs_nobody(world: World) -> None:
    wait_until(lambda: world.inbox.count("heartbeat") >= 3, "the heart beats", deadline=30)

    assert world.prometheus.firing() == set()
    assert [text for channel, over, text in world.inbox.messages if channel != "heartbeat" and not over] == []


def test_failing_requests_page_on_every_channel_and_the_ticket_waits(world: World) -> None:
    world.cluster.stop("fast")
    told = {channel: world.until_told(channel, FAST) for channel in CHANNELS}
    world.cluster.start()
    world.until_fires(SLOWLY)

    assert FAST in world.prometheus.firing()
    assert not [text for _, _, text in world.inbox.messages if SLOWLY in text]
    for text in told.values():
        assert "my-service fails too many requests" in text
        assert all(link in text for link in LINKS)
    assert '"severity": "critical"' in told["pagerduty"]
    assert told["email"].startswith("To: on-call@example.com\n[FIRING] ErrorBudgetBurnsFast: ")
    assert "<!here>" in told["slack"]


def test_the_end_of_a_page_is_told_and_then_the_ticket_comes(world: World) -> None:
    for channel in CHANNELS:
        assert FAST in world.until_told(channel, FAST, over=True)
    ticket = world.until_told("email", SLOWLY)

    assert ticket.startswith("To: platform@example.com\n")
    assert not world.inbox.text("pagerduty", SLOWLY)


def test_an_exhausted_pool_is_a_ticket(world: World) -> None:
    with world.held_table():
        ticket = world.until_told("email", POOL)
        chat = world.until_told("slack", POOL)

    assert "To: platform@example.com" in ticket
    assert "<!here>" not in chat
    assert not world.inbox.text("pagerduty", POOL)
    assert world.until_told("email", POOL, over=True)


def test_a_dead_service_pages_once_and_hushes_what_follows_from_it(world: World) -> None:
    since = len(world.inbox.messages)
    world.stop_service()
    for channel in CHANNELS:
        world.until_told(channel, DOWN, since=since)
    world.until_fires("InstanceDown")
    hushed = [
        text for _, over, text in world.inbox.messages[since:] if not over and DOWN not in text and "my-serv" in text
    ]
    world.start_service()

    assert [text for text in hushed if "Watchdog" not in text] == []
    for channel in CHANNELS:
        world.until_told(channel, DOWN, over=True, since=since)
    world.until_calm(DOWN, "InstanceDown", "RequestsStopped")
