"""What every test may ask for."""

import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_copie.plugin import Copie

from kit import folders, postgres as servers, process, template as templates, tools
from kit.cloud import Cloud, emulated_cloud

# Where a machine forbids bytecode, every worker of every run would compile all tests.
sys.dont_write_bytecode = False

TESTS = Path(__file__).parent
NO_ANSWERS: templates.Answers = {}
Run = Callable[..., process.Outcome]
Tool = Callable[[str], Path]
Repository = Callable[..., Path]


@pytest.fixture(scope="session")
def template() -> Path:
    """Clone this repository with the working tree as its newest version, ``v9999.0.0``."""
    return templates.template_clone()


@pytest.fixture(scope="session")
def repo(template: Path) -> Repository:
    """``repo({"artifact": "zip"})``: the generated repository for these answers, committed, shared, read-only."""
    return lambda answers=NO_ANSWERS: templates.repository(template, answers)


@pytest.fixture
def scratch(repo: Repository, tmp_path: Path) -> Repository:
    """``scratch({"artifact": "zip"})``: a copy of the generated repository that the test may change."""

    def copy(answers: templates.Answers = NO_ANSWERS) -> Path:
        return shutil.copytree(repo(answers), Path(tempfile.mkdtemp(dir=tmp_path)) / "repo", symlinks=True)

    return copy


@pytest.fixture
def copie(template: Path, copie: Copie) -> Copie:  # noqa: ARG001 - pytest-copie finds the clone by its path
    """Copy the clone by pytest-copie: for tests of a copy alone."""
    return copie


@pytest.fixture(scope="session")
def tool() -> Tool:
    """``tool("hadolint")``: the path of a program, a skip with the reason, or a failure where CI is true."""
    return tools.tool


@pytest.fixture(scope="session")
def run() -> Run:
    """``run(argv, cwd=, env=, deadline=, stdin=)``: a program run to its end, as ``code``, ``out`` and ``err``."""
    return process.run


@pytest.fixture(scope="session")
def postgres() -> servers.Cluster:
    """Share the PostgreSQL server of this run; ``postgres.database()`` makes an empty database in it."""
    return servers.shared_cluster()


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    """Run an emulated AWS as long as the tests of this worker run."""
    with emulated_cloud() as cloud:
        yield cloud


@pytest.fixture
def cloud(aws: Cloud) -> Cloud:
    """Empty the account of the emulated AWS."""
    aws.forget()
    return aws


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how a run is narrowed."""
    parser.addoption("--layer", default="", help="run one folder of tests/, such as service")
    parser.addoption("--language", default="", help="leave out the tests of all other languages")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse names that nothing has; make the folder of this run; keep this machine's settings out."""
    for layer in _layers():
        config.addinivalue_line("markers", f"{layer}: the tests in tests/{layer}")
    config.addinivalue_line("markers", "containers: builds and runs images")
    if not _is_worker(config):
        _open_run(config)
    config.option.template = str(folders.run_folder() / "template")


def _open_run(config: pytest.Config) -> None:
    _refuse_unknown("LAYER", config.getoption("--layer"), _layers())
    _refuse_unknown("LANGUAGE", config.getoption("--language"), _languages())
    folder = folders.open_run_folder()
    templates.isolate(folder / "settings")
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the other layers unread: to collect all of them takes each worker eight seconds."""
    layer = config.getoption("--layer")
    is_layer = collection_path.parent == TESTS and collection_path.name in _layers()
    return True if layer and is_layer and collection_path.name != layer else None


def pytest_collection_finish() -> None:
    """Spare the garbage collector all that the tests are made of: it stays to the end."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with its layer and leave out what the run was narrowed to exclude."""
    layer, language = config.getoption("--layer"), config.getoption("--language")
    chosen: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        own_layer = item.path.relative_to(TESTS).parts[0]
        item.add_marker(own_layer)
        own_languages = {mark.args[0] for mark in item.iter_markers("language")}
        wanted = layer in ("", own_layer) and (not language or not own_languages or language in own_languages)
        (chosen if wanted else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Stop what all workers shared; after a failure the folder of the run stays until the next run."""
    if not _is_worker(session.config):
        servers.stop_shared_cluster()
        folders.close_run_folder(folders.run_folder(), keep=exitstatus == pytest.ExitCode.TESTS_FAILED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Say why nothing ran, how many scenarios of releases were played, and where a failed run left its files."""
    ended = [report for word in ("passed", "failed") for report in terminalreporter.stats.get(word, [])]
    scenarios = sum(name == "scenario" for report in ended for name, _ in report.user_properties)
    if scenarios:
        terminalreporter.write_line(f"{scenarios} scenarios of releases, rollbacks and refusals were played")
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        narrowed = {"LAYER": config.getoption("--layer"), "LANGUAGE": config.getoption("--language")}
        given = " ".join(f"{name}={value}" for name, value in narrowed.items() if value) or "these arguments"
        terminalreporter.write_line(f"nothing to run: no test is left by {given}", red=True)
    if exitstatus == pytest.ExitCode.TESTS_FAILED:
        terminalreporter.write_line(f"the files of this run stay in {folders.run_folder()} until the next run")


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@functools.cache
def _layers() -> list[str]:
    return sorted({test.relative_to(TESTS).parts[0] for test in TESTS.glob("*/**/test_*.py")})


def _languages() -> list[str]:
    return sorted(facts.stem for facts in (tools.ROOT / "includes" / "languages").glob("*.yml"))


def _refuse_unknown(variable: str, value: str, known: list[str]) -> None:
    if value and value not in known:
        message = f"{variable}={value}: there is none; use one of {', '.join(known)}"
        raise pytest.UsageError(message)
