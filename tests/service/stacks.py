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
# Certificates of its network are not among them.
FOREIGN = (
    *("DB_", "DATABASE_", "SERVICE_", "APP_", "LOG_", "HOST", "PORT", "CI"),
    *("NODE_ENV", "NODE_OPTIONS", "NODE_PATH", "npm_"),
)


@dataclass(frozen=True)
class Stack:
    """One language and framework, and how its service is started."""

    language: str
    answers: Mapping[str, object]
    serve: tuple[str, ...]
    migrate: tuple[str, ...]
    toolchain: Callable[[str], Path]
    installed: str
    """The folder that the set-up command fills with dependencies."""
    settings: Mapping[str, str]
    """Variables that make the set-up command take from this machine's cache what is there."""
    telemetry_language: str
    """The value of ``telemetry_sdk_language`` in ``target_info``."""
    problems_below_router: bool
    """Whether the server library lets the service write the body of a refusal below the router."""
    about_items: Mapping[str, str]
    """The command that runs those tests of a suite that are about items."""

    @property
    def facts(self) -> dict[str, Any]:
        """The data file of the language."""
        text = (tools.ROOT / "includes" / "languages" / f"{self.language}.yml").read_text()
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


STACKS = (
    Stack(
        language="node",
        answers={"language": "node"},
        serve=("node", "src/server.ts"),
        migrate=("node", "src/migrate.ts"),
        toolchain=tools.node,
        installed="node_modules",
        settings={"npm_config_prefer_offline": "true"},
        telemetry_language="nodejs",
        problems_below_router=True,
        about_items={
            suite: f"npm test -- tests/{suite.removeprefix('test_')}/items.test.ts"
            for suite in ("test_unit", "test_integration", "test_api")
        },
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
        clean = environment(without=FOREIGN, **self.stack.settings)
        path = f"{self.stack.toolchain(self.version) / 'bin'}:{clean['PATH']}"
        # What an earlier run has downloaded is not asked for again.
        return clean | {"PATH": path, "npm_config_prefer_offline": "true"}
