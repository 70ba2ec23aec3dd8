"""What the tests know of each language and framework; everything else is read from the data file of the language."""

import functools
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from kit import interview, tools
from kit.advisories import go_advisories, npm_advisories, osv_advisories
from kit.process import environment

# Settings of this machine that would reach the service or its package manager.
# Certificates of its network are not among them.
FOREIGN = (
    *("DB_", "DATABASE_", "SERVICE_", "APP_", "LOG_", "HOST", "PORT", "CI"),
    *("NODE_ENV", "NODE_OPTIONS", "NODE_PATH", "npm_"),
    *("PYTHONPATH", "UV_", "VIRTUAL_ENV"),
    *("GOFLAGS", "GOTOOLCHAIN"),
    *("JAVA_HOME", "JDK_JAVA_OPTIONS", "MAVEN_"),
)


@functools.cache
def _jinja() -> jinja2.Environment:
    options = interview.load(tools.ROOT)["_envops"] | {"undefined": jinja2.StrictUndefined}
    return jinja2.Environment(**options)  # noqa: S701 - it writes no HTML


@dataclass(frozen=True)
class Stack:
    """One language and framework, and how its service is started."""

    language: str
    framework: str
    """Its name in the answers; empty where the language has but one."""
    answers: Mapping[str, object]
    serve: tuple[str, ...]
    migrate: tuple[str, ...]
    toolchain: Callable[[str], Path]
    installed: str
    """The folder that the set-up command fills with dependencies."""
    settings: Mapping[str, str]
    """Variables that make the set-up command take from this machine's cache what is there."""
    advisories: Callable[[Sequence[str]], AbstractContextManager[dict[str, str]]]
    """Makes a database of holes that knows of some packages, and gives the variables of the audit command for it."""
    dependency: str
    """A package that the service needs."""
    telemetry_language: str
    """The value of ``telemetry_sdk_language`` in ``target_info``."""
    problems_below_router: bool
    """Whether the server library lets the service write the body of a refusal below the router."""
    about_items: Mapping[str, str]
    """The command that runs those tests of a suite that are about items."""
    prepare_suites: tuple[str, ...] = ()
    """The command without which those tests do not run, once after the set-up."""
    compile: tuple[tuple[str, ...], ...] = ()
    """The commands that make a program, or byte code, of the sources; none where they run as they are."""
    compiles_in_place: bool = False
    """Whether its commands write beside its program, so that no two of them may run at once in one folder."""
    linters_are_built: bool = False
    """Whether each version of the language builds the linters for itself, which takes minutes."""
    out_of_reach: tuple[str, ...] = ()
    """Versions that no test environment has; another test says why they are offered."""
    of_version: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Variables that one version needs."""

    @property
    def name(self) -> str:
        """The language, and the framework where there is a choice."""
        return "-".join(filter(None, (self.language, self.framework)))

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The data file of the language."""
        text = (tools.ROOT / "includes" / "languages" / f"{self.language}.yml").read_text()
        answers = {"java_package": "io.github.platform.myservice", **self.answers}
        facts: dict[str, Any] = yaml.safe_load(_jinja().from_string(text).render(answers))
        return facts

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that the tests have; all layers run on the first, the own checks on every one."""
        return tuple(version for version in self.facts["versions"] if version not in self.out_of_reach)

    @property
    def linted(self) -> tuple[str, ...]:
        """The versions that lint: the default, and the oldest unless its linters would have to be built."""
        return self.versions[:1] if self.linters_are_built else (self.versions[0], self.versions[-1])

    def command(self, verb: str) -> list[str]:
        """Return the native command of a verb such as ``lint``, as its README shows it."""
        words = self.facts["commands"][verb]
        return list(words) if isinstance(words, list) else shlex.split(words)


# A service of the tests lives for seconds: it starts in half the time where the JVM prepares for no long life.
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
SERVICE = "target/extracted/service.jar"
CLASSES = "target/extracted/service.jsa"
JAVA_SUITES = Path(__file__).with_name("java-suites")

STACKS = (
    Stack(
        language="node",
        framework="",
        answers={"language": "node"},
        serve=("node", "src/server.ts"),
        migrate=("node", "src/migrate.ts"),
        toolchain=tools.node,
        installed="node_modules",
        settings={"npm_config_prefer_offline": "true", "npm_config_omit_lockfile_registry_resolved": "false"},
        advisories=npm_advisories,
        dependency="express",
        telemetry_language="nodejs",
        problems_below_router=True,
        about_items={
            suite: f"npm test -- tests/{suite.removeprefix('test_')}/items.test.ts"
            for suite in ("test_unit", "test_integration", "test_api")
        },
    ),
    *(
        Stack(
            language="python",
            framework=framework,
            answers={"language": "python", "python_framework": framework},
            serve=(".venv/bin/python", "-m", "app"),
            migrate=(".venv/bin/python", "-m", "app.migrate"),
            compile=((".venv/bin/python", "-m", "compileall", "-q", "app"),),
            toolchain=tools.python,
            installed=".venv",
            settings={"UV_PYTHON_DOWNLOADS": "never", "PYTHONDONTWRITEBYTECODE": "1"},
            advisories=osv_advisories,
            dependency=framework,
            telemetry_language="python",
            problems_below_router=True,
            about_items={
                suite: f"uv run pytest tests/{suite.removeprefix('test_')} -k test_item"
                for suite in ("test_unit", "test_integration", "test_api")
            },
            out_of_reach=("3.14",),
        )
        for framework in ("fastapi", "flask", "django")
    ),
    Stack(
        language="go",
        framework="",
        answers={"language": "go"},
        serve=("bin/server",),
        migrate=("bin/server", "migrate"),
        compile=(("go", "build", "-trimpath", "-o", "bin/server", "./cmd/server"),),
        linters_are_built=True,
        toolchain=tools.go,
        installed="bin",
        settings={"GOTOOLCHAIN": "local"},
        advisories=go_advisories,
        dependency="github.com/prometheus/client_golang",
        telemetry_language="go",
        problems_below_router=True,
        about_items={
            "test_unit": "go test -trimpath -vet=off ./internal/items ./internal/web",
            "test_integration": "go test -trimpath -vet=off -count=1 -run=TestRepository ./tests/integration",
            "test_api": "go test -trimpath -vet=off -run='Item|Parameters' ./tests/api",
        },
    ),
    Stack(
        language="java",
        framework="",
        answers={"language": "java"},
        serve=("java", *JVM, f"-XX:SharedArchiveFile={CLASSES}", "-jar", SERVICE),
        migrate=("java", *JVM, f"-XX:SharedArchiveFile={CLASSES}", "-jar", SERVICE, "migrate"),
        toolchain=tools.java,
        installed=".mvn",
        settings={},
        advisories=osv_advisories,
        dependency="org.springframework:spring-webmvc",
        telemetry_language="java",
        problems_below_router=True,
        about_items={
            "test_unit": rf"{JAVA_SUITES} '.*\.items\.\w+(?<!Api)Test'",
            "test_integration": rf"{JAVA_SUITES} '.*\.items\.\w+IT'",
            "test_api": rf"{JAVA_SUITES} '.*\.items\.\w+ApiTest'",
        },
        prepare_suites=(str(JAVA_SUITES), "prepare"),
        compiles_in_place=True,
        compile=(
            ("./mvnw", "--batch-mode", "--quiet", "-Dmaven.test.skip", "clean", "package"),
            # As in the image: a jar of jars takes two seconds more at each start.
            ("java", "-Djarmode=tools", "-jar", "target/service.jar", "extract", "--destination", "target/extracted"),
            # And as there a first start leaves its classes behind.
            (
                *("env", "DATABASE_URL=postgresql://nobody@localhost/nothing", "java", *JVM, "-Xlog:disable"),
                *(f"-XX:ArchiveClassesAtExit={CLASSES}", "-Dspring.context.exit=onRefresh", "-jar", SERVICE),
            ),
        ),
        of_version=tools.java_suites,
    ),
)


# One for each language: for what is the same for all its frameworks.
FIRST_OF_LANGUAGE = tuple({stack.language: stack for stack in reversed(STACKS)}.values())[::-1]

# What all languages have alike is proved with the first of them.
with_first_stack = pytest.mark.parametrize("stack", [STACKS[0]], ids=[STACKS[0].name], indirect=True)


def in_turn(stacks: Iterable[Stack]) -> list[Any]:
    """Return stacks as the parameters of tests: by their names, each for its language."""
    return [pytest.param(stack, id=stack.name, marks=pytest.mark.language(stack.language)) for stack in stacks]


@dataclass(frozen=True)
class Build:
    """A generated repository with its dependencies installed, for one version of its language."""

    stack: Stack
    version: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its programs: the toolchain first in PATH, no setting of this machine."""
        clean = environment(without=FOREIGN, **self.stack.settings, **self.stack.of_version(self.version))
        path = f"{self.stack.toolchain(self.version) / 'bin'}:{clean['PATH']}"
        # What an earlier run has downloaded is not asked for again.
        return clean | {"PATH": path, "npm_config_prefer_offline": "true"}
