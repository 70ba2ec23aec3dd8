"""What the tests know of each language: one entry a language, everything else is read from its data file."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kit import tools
from kit.process import environment

# The suites of these names run the checks that a generated repository brings along.
OWN_CHECKS = ("lint", "test_unit", "test_integration", "test_api", "coverage")

# Settings of this machine that would reach the service or its package manager.
FOREIGN = (
    *("DB_", "DATABASE_", "SERVICE_", "APP_", "LOG_", "HOST", "PORT", "CI"),
    *("NODE_", "NODE_OPTIONS", "npm_"),
    *("JAVA_", "JDK_JAVA_OPTIONS", "MAVEN_"),
)


@dataclass(frozen=True)
class Stack:
    """One language and framework, and how its service is started."""

    language: str
    answers: Mapping[str, object]
    serve: tuple[str, ...]
    migrate: tuple[str, ...]
    compile: tuple[str, ...]
    """What makes a program of the sources; nothing where they run as they are."""
    toolchain: Callable[[str], Path]
    installed: str
    """The folder that the set-up command fills with dependencies."""
    settings: Mapping[str, str]
    """Variables that make the set-up command take from this machine's cache what is there."""
    telemetry_language: str
    """The value of ``telemetry_sdk_language`` in ``target_info``."""
    problems_below_router: bool
    """Whether the server library lets the service write the body of a refusal below the router."""
    of_version: Callable[[str], Mapping[str, str]] = lambda _: {}
    """Variables that one version needs."""

    @property
    def facts(self) -> dict[str, Any]:
        """The data file of the language."""
        text = (tools.ROOT / "includes" / "languages" / f"{self.language}.yml").read_text()
        text = text.replace("[[[ java_package | replace('.', '/') ]]]", "io/github/platform/myservice")
        facts: dict[str, Any] = yaml.safe_load(text)
        return facts

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that a user may choose; all layers run on the first, the own checks on every one."""
        return tuple(self.facts["versions"])

    def command(self, verb: str) -> list[str]:
        """Return the native command of a verb such as ``lint``, as its README shows it."""
        words = self.facts["commands"][verb]
        return list(words) if isinstance(words, list) else shlex.split(words)


# A service of the tests lives for seconds: it starts in half the time where the JVM prepares for no long life.
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

STACKS = (
    Stack(
        language="node",
        answers={"language": "node"},
        serve=("node", "src/server.ts"),
        migrate=("node", "src/migrate.ts"),
        compile=(),
        toolchain=tools.node,
        installed="node_modules",
        settings={"npm_config_prefer_offline": "true"},
        telemetry_language="nodejs",
        problems_below_router=True,
    ),
    Stack(
        language="java",
        answers={"language": "java"},
        serve=("java", *JVM, "-jar", "target/service.jar"),
        migrate=("java", *JVM, "-jar", "target/service.jar", "migrate"),
        compile=("./mvnw", "--batch-mode", "--quiet", "-Dmaven.test.skip", "clean", "package"),
        toolchain=tools.java,
        installed=".mvn",
        settings={},
        telemetry_language="java",
        problems_below_router=True,
        of_version=tools.java_suites,
    ),
)


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
