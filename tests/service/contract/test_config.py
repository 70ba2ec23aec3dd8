"""Chapter "Configuration": read once from the environment, refused as a whole with every problem named."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kit.postgres import Database
from kit.process import Outcome
from service.instance import Launch, refusal_to_start
from service.scrape import scrape
from service.stacks import Build
from service.wire import forwarding

MARKER = "marker-of-a-secret"
URL = f"postgresql://app:{MARKER}@db.invalid:5433/orders"
Refuse = Callable[..., list[str]]

# The n-th start gives every variable its n-th bad value, so that each start also proves that all are told at once.
MILLISECONDS = ("0", "600001", "-1", "1.5", "soon")
BAD = {
    "APP_ENV": ("prod", "Production", "live", "development,test", "1"),
    "PORT": ("-1", "65536", "http", "80.5", "0x50"),
    "LOG_LEVEL": ("trace", "INFO", "fatal", "3", "info,warn"),
    "SERVICE_COMMIT": ("abcdef", "0123456789ABCDEF", "a" * 41, "main", "v1.2.3"),
    "DATABASE_URL": (
        f"mysql://a:{MARKER}@h/d",
        f"{MARKER}",
        "postgresql://",
        f"http://a:{MARKER}@h/d",
        f"://{MARKER}@",
    ),
    "DB_POOL_MAX": ("0", "1001", "-1", "2.5", "many"),
    "DB_CONNECT_TIMEOUT_MS": MILLISECONDS,
    "DB_STATEMENT_TIMEOUT_MS": MILLISECONDS,
    "REQUEST_TIMEOUT_MS": MILLISECONDS,
    "MAX_BODY_BYTES": ("0", "104857601", "-1", "1.5", "1MB"),
    "MAX_IN_FLIGHT": ("0", "100001", "-1", "1.5", "NaN"),
    "SHUTDOWN_DELAY_MS": ("-1", "600001", "1.5", "1s", "Infinity"),
    "SHUTDOWN_TIMEOUT_MS": ("-1", "600001", "1.5", "1s", "1e3"),
    "TRUSTED_PROXY_HOPS": ("-1", "11", "1.5", "true", "one"),
    "DB_SSLMODE": ("prefer", "allow", "verify-ca", "on", "DISABLE"),
    "DB_PORT": ("0", "65536", "x", "5432.5", "-1"),
}


def names(outcome: Outcome) -> list[str]:
    """Return the variables that a refusal names, after looking at its form."""
    head, *lines = outcome.err.splitlines()
    problems = [re.fullmatch(r"  ([A-Z][A-Z_]*): \S.*", line) for line in lines]
    assert (outcome.code, outcome.out, head) == (1, "", "configuration is invalid:")
    assert all(problems), outcome.err
    assert outcome.err.endswith("\n")
    assert MARKER not in outcome.err
    return sorted(problem[1] for problem in problems if problem)


@pytest.fixture
def refuse(build: Build) -> Refuse:
    """``refuse(PORT="x")``: the names of the variables for which the service refuses to start."""
    return lambda **env: names(refusal_to_start(build, env))


@pytest.mark.parametrize("number", range(5))
def test_every_bad_value_is_told_at_once(refuse: Refuse, number: int) -> None:
    bad = {name: values[number] for name, values in BAD.items()}

    assert set(refuse(**bad)) >= set(bad) - {"DB_PORT"}


@pytest.mark.parametrize("number", range(5))
def test_every_bad_part_of_the_address_is_told_at_once(refuse: Refuse, number: int) -> None:
    bad = {name: BAD[name][number] for name in ("DB_PORT", "DB_SSLMODE", "DB_POOL_MAX")}

    assert refuse(DB_HOST="h", DB_NAME="n", DB_USER="u", **bad) == sorted(bad)


def test_a_good_configuration_beside_a_bad_one_is_not_told(refuse: Refuse) -> None:
    assert refuse(PORT="x", LOG_LEVEL="warn", MAX_BODY_BYTES="1") == ["PORT"]


@pytest.mark.parametrize(
    "env",
    [
        pytest.param(dict.fromkeys(set(BAD) - {"PORT"}, ""), id="empty values are unset ones"),
        pytest.param({"APP_ENV": "test", "LOG_LEVEL": "debug", "SERVICE_COMMIT": "unknown"}, id="words"),
        pytest.param({"SERVICE_COMMIT": "0123abc", "TRUSTED_PROXY_HOPS": "10", "MAX_IN_FLIGHT": "100000"}, id="edges"),
        pytest.param({"SHUTDOWN_DELAY_MS": "0", "SHUTDOWN_TIMEOUT_MS": "600000", "DB_POOL_MAX": "1000"}, id="times"),
        pytest.param({"MAX_BODY_BYTES": "104857600", "REQUEST_TIMEOUT_MS": "600000"}, id="largest values"),
        pytest.param({"UNKNOWN_VARIABLE": "x", "HOSTNAME": "x"}, id="foreign variables"),
        pytest.param({"DATABASE_URL": "postgres://a@127.0.0.1:1/d", "DB_HOST": "127.0.0.1"}, id="an agreeing part"),
        pytest.param(
            {"DATABASE_URL": "postgresql://a:p%40ss@127.0.0.1:1/d", "DB_PASS": "p@ss", "DB_USER": "a", "DB_PORT": "1"},
            id="an agreeing part that the URL escapes",
        ),
        pytest.param({"DATABASE_URL": "postgresql://a@127.0.0.1:1/d?sslmode=require"}, id="a TLS mode in the URL"),
    ],
)
def test_a_good_configuration_starts(launch: Launch, env: Mapping[str, str]) -> None:
    assert launch(**env).client.get("/health").status == 200


def test_without_a_word_it_is_development_at_level_info(launch: Launch, database: Database) -> None:
    service = launch(**database.environment).until_ready()
    service.client.get("/v1/items")

    line = service.until_logged("request completed")
    assert (line["deployment_environment"], line["level"]) == ("development", "info")
    assert line["service_version"] == service.client.get("/version").json["version"]
    assert {line["level"] for line in service.log.lines()} == {"info"}
    assert scrape(service.client).total("db_client_connection_max") == 10


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_without_a_database_nothing_starts_outside_development_and_test(refuse: Refuse, environment: str) -> None:
    assert refuse(APP_ENV=environment) in (["DATABASE_URL"], ["DB_HOST"], ["DB_HOST", "DB_NAME", "DB_USER"])


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (["DB_HOST"], ["DB_NAME", "DB_USER"]),
        (["DB_NAME"], ["DB_HOST", "DB_USER"]),
        (["DB_USER"], ["DB_HOST", "DB_NAME"]),
        (["DB_HOST", "DB_USER"], ["DB_NAME"]),
    ],
)
def test_host_name_and_user_are_required_together(refuse: Refuse, given: list[str], lacking: list[str]) -> None:
    assert refuse(**dict.fromkeys(given, "x")) == lacking


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_HOST", "other.invalid"),
        ("DB_PORT", "5432"),
        ("DB_NAME", "other"),
        ("DB_USER", "other"),
        ("DB_PASS", f"{MARKER}-other"),
    ],
)
def test_a_part_that_differs_from_the_url_is_refused(refuse: Refuse, name: str, value: str) -> None:
    assert refuse(DATABASE_URL=URL, **{name: value}) == [name]


def test_a_tls_mode_that_differs_from_the_url_is_refused(refuse: Refuse) -> None:
    assert refuse(DATABASE_URL=f"{URL}?sslmode=require", DB_SSLMODE="disable") == ["DB_SSLMODE"]


def test_a_wrong_tls_mode_in_the_url_is_refused(refuse: Refuse) -> None:
    assert refuse(DATABASE_URL=f"{URL}?sslmode=prefer") in (["DATABASE_URL"], ["DB_SSLMODE"])


@pytest.mark.parametrize("content", [None, "", "no certificate\n"], ids=["absent", "empty", "no PEM"])
def test_a_root_certificate_is_a_readable_pem_file(refuse: Refuse, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "root.pem"
    if content is not None:
        path.write_text(content)

    assert refuse(DATABASE_URL=URL, DB_SSLMODE="verify-full", DB_SSLROOTCERT=str(path)) == ["DB_SSLROOTCERT"]


@pytest.mark.parametrize("end", ["", "\n"], ids=["bare", "with a line end"])
def test_a_file_may_hold_any_value(launch: Launch, tmp_path: Path, end: str) -> None:
    name, commit = tmp_path / "name", tmp_path / "commit"
    name.write_text(f"fleet{end}")
    commit.write_text(f"0123abc{end}")

    service = launch(SERVICE_NAME_FILE=str(name), SERVICE_COMMIT="", SERVICE_COMMIT_FILE=str(commit))

    with service.client.wire(tolerant=True) as wire:
        wire.send(b"GET /version HTTP/1.1\r\nHost: service\r\n\r\n")
        version = wire.answer("GET", "/version").json
    assert (version["service"], version["commit"]) == ("fleet", "0123abc")


@pytest.mark.parametrize("form", ["URL", "parts"])
def test_a_file_may_hold_the_password(launch: Launch, database: Database, tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text(database.url if form == "URL" else database.password)
    parts = {name: value for name, value in database.environment.items() if name != "DB_PASS"}

    service = launch(DATABASE_URL_FILE=str(secret)) if form == "URL" else launch(**parts, DB_PASS_FILE=str(secret))

    service.until_ready()


@pytest.mark.parametrize("name", ["PORT", "DATABASE_URL", "DB_PASS", "SERVICE_NAME"])
def test_a_value_and_its_file_exclude_each_other(refuse: Refuse, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    value = {"DATABASE_URL": URL, "PORT": "8080"}.get(name, MARKER)
    secret.write_text(value)
    parts = {"DB_HOST": "h", "DB_NAME": "n", "DB_USER": "u"} if name == "DB_PASS" else {}

    assert refuse(**parts, **{name: value, f"{name}_FILE": str(secret)}) in ([name], [f"{name}_FILE"])


@pytest.mark.parametrize("path", ["/nowhere/secret", "/"], ids=["absent", "a folder"])
def test_an_unreadable_file_is_refused(refuse: Refuse, path: str) -> None:
    assert refuse(SERVICE_NAME_FILE=path) in (["SERVICE_NAME"], ["SERVICE_NAME_FILE"])


def test_a_bad_value_in_a_file_is_refused_and_not_printed(refuse: Refuse, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"mysql://a:{MARKER}@h/d")

    assert refuse(DATABASE_URL_FILE=str(secret)) in (["DATABASE_URL"], ["DATABASE_URL_FILE"])


def test_nothing_is_opened_before_the_configuration_is_good(refuse: Refuse, database: Database) -> None:
    with forwarding(database.port) as wire:
        assert refuse(**database.environment | {"DB_PORT": str(wire.port)}, LOG_LEVEL="loud") == ["LOG_LEVEL"]

        assert wire.messages == 0


def test_outside_development_the_server_has_to_prove_who_it_is(launch: Launch, database: Database) -> None:
    service = launch(**database.environment, APP_ENV="staging")

    assert service.client.get("/ready").status == 503


def test_the_tls_mode_can_be_lowered(launch: Launch, database: Database) -> None:
    launch(**database.environment, APP_ENV="production", DB_SSLMODE="disable").until_ready()
