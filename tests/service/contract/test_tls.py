"""Chapter "Configuration": what ``DB_SSLMODE`` and ``DB_SSLROOTCERT`` demand of the database.

The test's PostgreSQL speaks no TLS, so a forwarder before it does.
"""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.postgres import Database
from kit.process import run
from kit.tools import tool
from service.instance import Launch, Service
from service.wire import Forwarder, forwarding


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key."""

    cert: Path
    key: Path


def certificate(folder: Path, subject: str) -> Certificate:
    """Make a certificate for a subject such as ``IP:127.0.0.1``."""
    made = Certificate(folder / f"{subject[3:]}.pem", folder / f"{subject[3:]}.key")
    key: list[str | Path] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", made.key]
    name = ["-subj", "/CN=database", "-addext", f"subjectAltName={subject}"]
    run([tool("openssl"), "req", "-x509", "-days", "2", "-out", made.cert, *key, *name]).succeeded()
    return made


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the certificates lie."""
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="session")
def own(folder: Path) -> Certificate:
    """Make the certificate of the database at its address."""
    return certificate(folder, "IP:127.0.0.1")


@pytest.fixture(scope="session")
def other(folder: Path) -> Certificate:
    """Make the certificate of a database at another address."""
    return certificate(folder, "IP:192.0.2.1")


@pytest.fixture
def wire(database: Database, own: Certificate) -> Iterator[Forwarder]:
    """Speak TLS before the database, with its own certificate."""
    with forwarding(database.port, _context(own)) as forwarder:
        yield forwarder


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    return context


def start(launch: Launch, database: Database, wire: Forwarder, **settings: str) -> Service:
    return launch(**database.environment | {"DB_PORT": str(wire.port)} | settings)


def test_outside_development_the_database_is_verified(
    launch: Launch, database: Database, wire: Forwarder, own: Certificate
) -> None:
    start(launch, database, wire, APP_ENV="production", DB_SSLROOTCERT=str(own.cert)).until_ready()


def test_the_url_may_demand_tls(launch: Launch, database: Database, wire: Forwarder, own: Certificate) -> None:
    address = database.url.replace(f":{database.port}/", f":{wire.port}/")

    launch(DATABASE_URL=f"{address}?sslmode=verify-full", DB_SSLROOTCERT=str(own.cert)).until_ready()


def test_tls_may_go_without_verification(launch: Launch, database: Database, wire: Forwarder) -> None:
    start(launch, database, wire, DB_SSLMODE="require").until_ready()


@pytest.mark.parametrize("mode", [{"DB_SSLMODE": "disable"}, {}], ids=["disable", "development"])
def test_a_database_that_demands_tls_is_not_reached_without(
    launch: Launch, database: Database, wire: Forwarder, mode: dict[str, str]
) -> None:
    assert not start(launch, database, wire, **mode).ready()


def test_an_unknown_certificate_is_refused(
    launch: Launch, database: Database, wire: Forwarder, other: Certificate
) -> None:
    assert not start(launch, database, wire, DB_SSLMODE="verify-full", DB_SSLROOTCERT=str(other.cert)).ready()
    assert not start(launch, database, wire, DB_SSLMODE="verify-full").ready()


def test_the_certificate_of_another_host_is_refused(launch: Launch, database: Database, other: Certificate) -> None:
    with forwarding(database.port, _context(other)) as wire:
        service = start(launch, database, wire, DB_SSLMODE="verify-full", DB_SSLROOTCERT=str(other.cert))

        assert not service.ready()


def test_tls_is_never_given_up_where_it_is_demanded(launch: Launch, database: Database) -> None:
    assert not launch(**database.environment, DB_SSLMODE="require").ready()
