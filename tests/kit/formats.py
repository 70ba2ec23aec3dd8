"""Read generated files in their own format, by the tool that owns it; each distinct content is read once a process."""

import functools
import json
import re
import tempfile
import tomllib
from collections.abc import Callable
from configparser import ConfigParser, Error as ConfigError
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

import yaml
from cryptography import x509
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError

from kit.process import run
from kit.tools import go, tool

# Read by the tests of their language or tool, or by people alone.
ELSEWHERE = {".conf", ".ts", ".mts", ".js", ".mjs", ".sql", ".md", ".py", ".mako", ".java", ".go", ".tmpl"}
BY_PEOPLE = {
    "CODEOWNERS",
    "LICENSE",
    ".gitattributes",
    ".gitignore",
    ".dockerignore",
    ".prettierignore",
    ".go-version",
    ".nvmrc",
    ".python-version",
    ".gitkeep",
    "mvnw.cmd",
}
# make says the first of a target without a recipe, hadolint the second of what it cannot parse.
COMPLAINT = re.compile("Nothing to be done|DL1000")

Problem = str | None


@functools.cache
def problem(path: str, content: bytes) -> Problem:
    """Return why ``content`` is not what the name ``path`` promises, None if it is."""
    if content.startswith(b"#!"):
        return _script(content)
    name, suffix = PurePosixPath(path).name, PurePosixPath(path).suffix
    reads = BY_NAME.get(name) or BY_SUFFIX.get(suffix)
    if reads:
        return reads(content)
    if suffix in ELSEWHERE or name in BY_PEOPLE:
        return None
    return "no format is known for this name; add it to tests/kit/formats.py"


def _yaml(content: bytes) -> Problem:
    """Read by YAML 1.1 and by YAML 1.2, which must agree on every value."""
    newer = YAML(typ="safe", pure=True)
    newer.Constructor = _NewConstructor
    try:
        old = list(yaml.load_all(content, Loader=OldLoader))
        new = list(newer.load_all(content))
    except (yaml.YAMLError, YAMLError) as error:
        return str(error)
    if repr(old) == repr(new):
        return None
    return f"YAML 1.1 and YAML 1.2 differ: {_first_difference(repr(old), repr(new))}"


class OldLoader(yaml.CSafeLoader):
    """YAML 1.1, but a key is text: GitHub's workflows have one that is called ``on``; no key comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - as PyYAML has it
        """Return the mapping of ``node``; a key that comes twice raises ``YAMLError``."""
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        if len(keys) != len(set(keys)):
            message = f"a key comes twice in {keys}, {node.start_mark}"
            raise yaml.YAMLError(message)
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:bool":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


class _NewConstructor(SafeConstructor):
    """YAML 1.2."""


def _untagged(loader: Any, _: str, node: Any) -> object:  # noqa: ANN401 - of two libraries
    """Read a value behind a tag of its format, such as CloudFormation's ``!Sub``, as if there was no tag."""
    if node.id == "scalar":
        return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True) if node.id == "sequence" else loader.construct_mapping(node, True)  # noqa: FBT003 - as PyYAML has it


OldLoader.add_multi_constructor("!", _untagged)
_NewConstructor.add_multi_constructor("!", _untagged)


def _json(content: bytes) -> Problem:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            message = f"a key comes twice in {[key for key, _ in pairs]}"
            raise ValueError(message)
        return dict(pairs)

    try:
        json.loads(content, object_pairs_hook=once)
    except ValueError as error:
        return str(error)
    return None


def _toml(content: bytes) -> Problem:
    try:
        tomllib.loads(content.decode())
    except tomllib.TOMLDecodeError as error:
        return str(error)
    return None


def _ini(content: bytes) -> Problem:
    try:
        ConfigParser().read_string("[top]\n" + content.decode())
    except ConfigError as error:
        return str(error)
    return None


def _xml(content: bytes) -> Problem:
    try:
        ET.fromstring(content)  # noqa: S314 - rendered by ourselves
    except ET.ParseError as error:
        return str(error)
    return None


def _properties(content: bytes) -> Problem:
    odd = [line for line in content.decode().splitlines() if not re.fullmatch(r"[A-Za-z0-9._-]+=\S.*|#.*|", line)]
    return f"neither name=value nor a comment: {odd[0]}" if odd else None


def _script(content: bytes) -> Problem:
    if content.startswith(b"#!/usr/bin/env bash\n"):
        return _program(content, ["bash", "-n"])
    if content.startswith((b"#!/usr/bin/env node\n", b"#!/usr/bin/env python3\n")):
        return None
    if content.startswith(b"#!/bin/sh\n"):
        return _program(content, ["sh", "-n"])
    return f"no interpreter is known for {content.splitlines()[0]!r}; add it to tests/kit/formats.py"


def _makefile(content: bytes) -> Problem:
    """Let make go through each phony target without running a line; ARGS is for people to set."""
    dry_run = ["make", "--dry-run", "--warn-undefined-variables", "ARGS="]
    targets = " ".join(re.findall(r"^\.PHONY: (.*)$", content.decode(), re.MULTILINE)).split()
    return next((found for target in targets if (found := _program(content, [*dry_run, target, "-f"]))), None)


def _dockerfile(content: bytes) -> Problem:
    """Let hadolint parse; whether the style is good is another test's business."""
    return _program(content, [str(tool("hadolint")), "--no-fail", "--format", "json"])


def _environment(content: bytes) -> Problem:
    odd = [line for line in content.decode().splitlines() if not re.fullmatch(r"[A-Z][A-Z0-9_]*=(\S.*)?|#.*|", line)]
    return f"neither NAME=value nor a comment: {odd[0]}" if odd else None


def _procfile(content: bytes) -> Problem:
    odd = [line for line in content.decode().splitlines() if not re.fullmatch(r"[a-z]+: \S.*", line)]
    return f"no process: {odd[0]}" if odd else None


def _go_module(content: bytes) -> Problem:
    problem = _program(content, [str(go("1.27") / "bin" / "go"), "mod", "edit", "-json"])
    return problem if b"\nmodule " in b"\n" + content else "it names no module"


def _go_sums(content: bytes) -> Problem:
    odd = [line for line in content.decode().splitlines() if not re.fullmatch(r"\S+ v\S+ h1:[\w+/]{43}=", line)]
    return f"no sum of a module: {odd[0]}" if odd else None


def _program(content: bytes, argv: list[str]) -> Problem:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "file")
        file.write_bytes(content)
        outcome = run([*argv, file], cwd=Path(folder))
    sound = outcome.code == 0 and not outcome.err and not COMPLAINT.search(outcome.out)
    return None if sound else str(outcome)


def _certificates(content: bytes) -> Problem:
    try:
        x509.load_pem_x509_certificates(content)
    except ValueError as error:
        return str(error)
    return None


def _first_difference(old: str, new: str) -> str:
    at = next(number for number, pair in enumerate(zip(old + " ", new + " ", strict=False)) if pair[0] != pair[1])
    return f"{old[max(0, at - 30) : at + 20]} and {new[max(0, at - 30) : at + 20]}"


BY_SUFFIX: dict[str, Callable[[bytes], Problem]] = {
    ".yml": _yaml,
    ".yaml": _yaml,
    ".config": _yaml,
    ".pem": _certificates,
    ".json": _json,
    ".toml": _toml,
    ".xml": _xml,
    ".properties": _properties,
    ".sh": lambda content: _program(content, ["bash", "-n"]),
    ".env": _environment,
}
BY_NAME: dict[str, Callable[[bytes], Problem]] = {
    "Makefile": _makefile,
    "Dockerfile": _dockerfile,
    "Procfile": _procfile,
    ".editorconfig": _ini,
    ".env.example": _environment,
    ".prettierrc": _json,
    "go.mod": _go_module,
    "go.sum": _go_sums,
    "uv.lock": _toml,
    ".npmrc": _ini,
}
