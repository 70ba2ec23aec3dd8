"""Configuration."""

from pathlib import Path

import pytest

from app.config import Config, ConfigError, load_config

DATABASE = {"DB_HOST": "db.internal", "DB_NAME": "orders", "DB_USER": "app", "DB_PASS": "not-a-real-password"}


def problems_of(**env: str) -> list[str]:
    try:
        load_config(env)
    except ConfigError as error:
        return error.problems
    return []


def conninfo_of(**env: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in load_config(env).conninfo.split(" "))


def test_an_empty_environment_gives_the_defaults_of_the_contract() -> None:
    config = load_config({})

    assert config == Config()
    assert (config.app_env, config.port, config.log_level) == ("development", 8080, "info")
    assert (config.db_pool_max, config.request_timeout_ms, config.max_body_bytes) == (10, 15_000, 1_048_576)
    assert not config.has_database


def test_an_empty_value_is_an_unset_one() -> None:
    assert load_config({"PORT": "", "DATABASE_URL": ""}) == Config()


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"PORT": "http", "LOG_LEVEL": "loud", "DB_NAME": "orders", "SERVICE_COMMIT": "HEAD"})

    assert str(caught.value).splitlines() == [
        "configuration is invalid:",
        "  PORT: must be an integer from 0 to 65535",
        "  LOG_LEVEL: must be one of debug, info, warn, error",
        "  SERVICE_COMMIT: must be 7 to 40 lower-case hexadecimal digits, or unknown",
        "  DB_HOST: is required; DB_HOST, DB_NAME, DB_USER belong together",
        "  DB_USER: is required; DB_HOST, DB_NAME, DB_USER belong together",
    ]


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("PORT", 0, 65_535),
        ("DB_POOL_MAX", 1, 1000),
        ("DB_CONNECT_TIMEOUT_MS", 1, 600_000),
        ("DB_STATEMENT_TIMEOUT_MS", 1, 600_000),
        ("REQUEST_TIMEOUT_MS", 1, 600_000),
        ("MAX_BODY_BYTES", 1, 104_857_600),
        ("MAX_IN_FLIGHT", 1, 100_000),
        ("SHUTDOWN_DELAY_MS", 0, 600_000),
        ("SHUTDOWN_TIMEOUT_MS", 0, 600_000),
        ("TRUSTED_PROXY_HOPS", 0, 10),
    ],
)
def test_a_number_is_an_integer_within_its_bounds(name: str, low: int, high: int) -> None:
    assert problems_of(**{name: str(low)}) == problems_of(**{name: str(high)}) == []
    for value in (str(low - 1), str(high + 1), "1.5", "1e3", " 1", "0x1", "1_0", "one", "\N{ARABIC-INDIC DIGIT FIVE}"):
        assert problems_of(**{name: value}) == [f"{name}: must be an integer from {low} to {high}"]


@pytest.mark.parametrize("commit", ["abc123", "0123ABC", "0" * 41, "main"])
def test_a_commit_is_hexadecimal(commit: str) -> None:
    assert problems_of(SERVICE_COMMIT=commit) == [
        "SERVICE_COMMIT: must be 7 to 40 lower-case hexadecimal digits, or unknown"
    ]


def test_a_file_holds_a_value_without_its_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "pass").write_text("from-a-file\n")

    assert load_config({**DATABASE, "DB_PASS": "", "DB_PASS_FILE": str(tmp_path / "pass")}).db_pass == "from-a-file"


def test_a_file_beside_the_variable_itself_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("2")

    problems = problems_of(PORT="1", PORT_FILE=str(tmp_path / "port"))

    assert problems == ["PORT: is set, and so is PORT_FILE; keep one of them"]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert problems_of(PORT_FILE=str(tmp_path / "absent")) == ["PORT_FILE: must name a readable file"]


def test_a_database_is_named_by_its_parts() -> None:
    assert conninfo_of(**DATABASE) == {
        "host": "db.internal",
        "port": "5432",
        "dbname": "orders",
        "user": "app",
        "password": "not-a-real-password",
        "sslmode": "disable",
        "connect_timeout": "3",
    }


def test_a_database_is_named_by_a_url_whose_escapes_are_undone() -> None:
    config = load_config({"DATABASE_URL": "postgres://app:p%40ss%2Fword@[::1]:6543/orders?sslmode=require"})

    assert (config.db_host, config.db_port, config.db_name) == ("::1", 6543, "orders")
    assert (config.db_user, config.db_pass, config.db_sslmode) == ("app", "p@ss/word", "require")


def test_a_database_may_be_named_twice_when_both_agree() -> None:
    url = "postgresql://app:not-a-real-password@db.internal/orders"

    assert problems_of(**DATABASE, DATABASE_URL=url, DB_PORT="5432") == []


def test_a_difference_from_the_url_is_a_problem_that_tells_no_value() -> None:
    url = "postgresql://app:another-password@db.internal/orders"

    assert problems_of(**DATABASE, DATABASE_URL=url, DB_PORT="6543") == [
        "DB_PORT: differs from DATABASE_URL; keep one of them",
        "DB_PASS: differs from DATABASE_URL; keep one of them",
    ]


@pytest.mark.parametrize(
    "url",
    ["mysql://app:s3cret@h/d", "postgres://s3cret", "postgres://h/d", "s3cret", "postgres://a:%zz@h/d", "postgres://["],
)
def test_another_url_names_no_database(url: str) -> None:
    assert problems_of(DATABASE_URL=url) == ["DATABASE_URL: must look like postgresql://USER:PASSWORD@HOST:PORT/NAME"]


def test_the_url_has_the_same_transport_modes_as_the_variable() -> None:
    assert problems_of(DATABASE_URL="postgres://a@h/d?sslmode=prefer") == [
        "DB_SSLMODE: must be one of disable, require, verify-full"
    ]


@pytest.mark.parametrize(
    ("app_env", "sslmode"),
    [("development", "disable"), ("test", "disable"), ("staging", "verify-full"), ("production", "verify-full")],
)
def test_outside_development_the_database_is_verified(app_env: str, sslmode: str) -> None:
    assert conninfo_of(**DATABASE, APP_ENV=app_env)["sslmode"] == sslmode


@pytest.mark.parametrize(("sslmode", "certificate"), [("disable", None), ("require", None), ("verify-full", "system")])
def test_only_full_verification_looks_at_certificates(sslmode: str, certificate: str | None) -> None:
    assert conninfo_of(**DATABASE, DB_SSLMODE=sslmode).get("sslrootcert") == certificate


@pytest.mark.parametrize("app_env", ["staging", "production"])
def test_a_database_is_required_outside_development(app_env: str) -> None:
    assert problems_of(APP_ENV=app_env) == [
        "DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)"
    ]


def test_a_root_certificate_must_be_readable(tmp_path: Path) -> None:
    good, bad = tmp_path / "ca.pem", tmp_path / "key.pem"
    good.write_text("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")
    bad.write_text("a key")

    assert conninfo_of(**DATABASE, APP_ENV="production", DB_SSLROOTCERT=str(good))["sslrootcert"] == str(good)
    for path in (bad, tmp_path / "absent"):
        assert problems_of(DB_SSLROOTCERT=str(path)) == ["DB_SSLROOTCERT: must name a readable PEM file"]
