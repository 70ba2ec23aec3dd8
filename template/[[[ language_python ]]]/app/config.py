"""The configuration: the environment, read once and refused as a whole."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from psycopg.conninfo import make_conninfo
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

import app

AppEnv = Literal["development", "test", "staging", "production"]
LogLevel = Literal["debug", "info", "warn", "error"]
SslMode = Literal["disable", "require", "verify-full"]

_LOCAL = ("development", "test")
_REQUIRED_PARTS = ("DB_HOST", "DB_NAME", "DB_USER")


class ConfigError(Exception):
    """Every problem of a configuration; values of DATABASE_URL and DB_PASS never get into one."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  ".join(["configuration is invalid:", *problems]))
        self.problems = problems


def _wrong(why: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{why}", {"why": why})


def _integer(low: int, high: int) -> BeforeValidator:
    def parse(value: object) -> int:
        if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) and low <= int(value) <= high:
            return int(value)
        raise _wrong(f"must be an integer from {low} to {high}")

    return BeforeValidator(parse)


def _one_of(choices: object) -> BeforeValidator:
    offered = get_args(choices)

    def check(value: object) -> object:
        if value in offered:
            return value
        raise _wrong(f"must be one of {', '.join(offered)}")

    return BeforeValidator(check)


def _commit(value: str) -> str:
    if re.fullmatch("[0-9a-f]{7,40}|unknown", value):
        return value
    raise _wrong("must be 7 to 40 lower-case hexadecimal digits, or unknown")


def _certificate(path: str) -> str:
    if "-----BEGIN CERTIFICATE-----" in (_content_of(path) or ""):
        return path
    raise _wrong("must name a readable PEM file")


class Config(BaseModel):
    """Each field is the variable of its name in capitals."""

    model_config = ConfigDict(alias_generator=str.upper, frozen=True)

    app_env: Annotated[AppEnv, _one_of(AppEnv)] = "development"
    host: str = "0.0.0.0"  # noqa: S104 - a container is reached from outside
    port: Annotated[int, _integer(0, 65_535)] = 8080
    log_level: Annotated[LogLevel, _one_of(LogLevel)] = "info"
    service_name: str = app.__title__
    service_version: str = app.__version__
    service_commit: Annotated[str, AfterValidator(_commit)] = "unknown"
    db_host: str | None = None
    db_port: Annotated[int, _integer(1, 65_535)] = 5432
    db_name: str | None = None
    db_user: str | None = None
    db_pass: str | None = None
    db_sslmode: Annotated[SslMode | None, _one_of(SslMode)] = None
    db_sslrootcert: Annotated[str, AfterValidator(_certificate)] | None = None
    db_pool_max: Annotated[int, _integer(1, 1000)] = 10
    db_connect_timeout_ms: Annotated[int, _integer(1, 600_000)] = 3000
    db_statement_timeout_ms: Annotated[int, _integer(1, 600_000)] = 5000
    request_timeout_ms: Annotated[int, _integer(1, 600_000)] = 15_000
    max_body_bytes: Annotated[int, _integer(1, 104_857_600)] = 1_048_576
    max_in_flight: Annotated[int, _integer(1, 100_000)] = 1000
    shutdown_delay_ms: Annotated[int, _integer(0, 600_000)] = 0
    shutdown_timeout_ms: Annotated[int, _integer(0, 600_000)] = 20_000
    trusted_proxy_hops: Annotated[int, _integer(0, 10)] = 0

    @property
    def has_database(self) -> bool:
        """Without one, what the service keeps is in memory."""
        return self.db_host is not None

    @property
    def version(self) -> dict[str, str]:
        """Who serves, as `/version` says it."""
        return {"service": self.service_name, "version": self.service_version, "commit": self.service_commit}

    @property
    def conninfo(self) -> str:
        """How libpq reaches the database."""
        sslmode = self.db_sslmode or ("disable" if self.app_env in _LOCAL else "verify-full")
        return make_conninfo(
            host=self.db_host,
            port=self.db_port,
            dbname=self.db_name,
            user=self.db_user,
            password=self.db_pass,
            sslmode=sslmode,
            # With a root certificate, libpq would verify even where that is not asked for.
            sslrootcert=(self.db_sslrootcert or "system") if sslmode == "verify-full" else None,
            connect_timeout=math.ceil(self.db_connect_timeout_ms / 1000),
        )


def load_config(env: Mapping[str, str]) -> Config:
    """Read the whole configuration; raises `ConfigError`."""
    problems: list[str] = []
    values = _with_url(_with_files(env, problems), problems)
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        problems += [f"{wrong['loc'][0]}: {wrong['msg']}" for wrong in error.errors()]
        raise ConfigError([*problems, *_missing(values)]) from None
    if problems := [*problems, *_missing(values)]:
        raise ConfigError(problems)
    return config


def _with_files(env: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    values = {}
    for name in ["DATABASE_URL", *map(str.upper, Config.model_fields)]:
        value, file = env.get(name), env.get(f"{name}_FILE")
        if file:
            if value:
                problems.append(f"{name}: is set, and so is {name}_FILE; keep one of them")
            value = _content_of(file)
            if value is None:
                problems.append(f"{name}_FILE: must name a readable file")
            else:
                value = re.sub(r"\r?\n\Z", "", value)
        if value:
            values[name] = value
    return values


def _content_of(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def _with_url(values: dict[str, str], problems: list[str]) -> dict[str, str]:
    if "DATABASE_URL" not in values:
        return values
    try:
        parts = dict(_parts_of(urlsplit(values["DATABASE_URL"])))
    except ValueError:
        problems.append("DATABASE_URL: must look like postgresql://USER:PASSWORD@HOST:PORT/NAME")
        return values
    problems += [
        f"{name}: differs from DATABASE_URL; keep one of them"
        for name, part in parts.items()
        if values.get(name, part) != part
    ]
    return values | parts


def _parts_of(url: SplitResult) -> Iterator[tuple[str, str]]:
    if url.scheme not in ("postgresql", "postgres") or not (url.hostname and url.username and url.path[1:]):
        raise ValueError
    yield "DB_HOST", _decoded(url.hostname)
    yield "DB_PORT", str(url.port or 5432)
    yield "DB_NAME", _decoded(url.path[1:])
    yield "DB_USER", _decoded(url.username)
    if url.password:
        yield "DB_PASS", _decoded(url.password)
    if modes := parse_qs(url.query).get("sslmode"):
        yield "DB_SSLMODE", modes[0]


def _decoded(text: str) -> str:
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError
    return unquote(text, errors="strict")


def _missing(values: Mapping[str, str]) -> list[str]:
    if "DATABASE_URL" in values:
        return []
    if any(name in values for name in (*_REQUIRED_PARTS, "DB_PASS")):
        together = ", ".join(_REQUIRED_PARTS)
        return [f"{name}: is required; {together} belong together" for name in _REQUIRED_PARTS if name not in values]
    if values.get("APP_ENV") in ("staging", "production"):
        return ["DATABASE_URL: is required in staging and production (or DB_HOST, DB_NAME and DB_USER)"]
    return []
