"""Copier with its repeated work remembered, for rendering and updating in large numbers.

It changes private parts of the pinned Copier inside this process only; ``test_every_combination`` and ``test_guard``
hold its output against the unchanged Copier. Measured on 2 cores: a copy of 60 files takes 0.1 s in place of 1 s.
"""

import functools
import hashlib
import marshal
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import CodeType
from typing import Any
from unittest import mock

from copier import _main, _template, _user_data, run_copy
from copier._cli import CopierApp
from copier._jinja_ext import SandboxedEnvironment
from jinja2 import Template

from kit.folders import run_folder

_environments: dict[Path, SandboxedEnvironment] = {}
_make_environment = _main.Worker.__dict__["jinja_env"].func
_from_text = SandboxedEnvironment.from_string
_compile = SandboxedEnvironment.compile
_compiled: dict[tuple[object, ...], CodeType] = {}
_answers_path = _main.Worker.__dict__["answers_relpath"].fget
_render_text = _main.Worker._render_string  # noqa: SLF001
_render_all = _main.Worker._render_template  # noqa: SLF001
_context_now = _main.Worker._render_context  # noqa: SLF001
_load = functools.cache(_template.load_template_config)
_parse_yaml = functools.cache(_user_data.parse_yaml_string)


def render(template: Path, destination: Path, answers: Mapping[str, object]) -> None:
    """Copy the template in the folder ``template``, taken as its files are, to ``destination``.

    Raises what Copier raises: ``ValueError`` with its sentence for a refused answer.
    """
    with remembering(), _plain_folders():
        run_copy(str(template), destination, data=dict(answers), defaults=True, quiet=True, unsafe=False)


def held_back(template: Path, answers: Mapping[str, object], paths: Iterable[str]) -> set[str]:
    """Return those of ``paths`` that an update of a repository with ``answers`` leaves alone, by ``_exclude``."""
    with remembering(), _plain_folders(), _operation("update"):
        worker = _main.Worker(str(template), template / "nowhere", data=dict(answers), defaults=True)
        worker._ask()  # noqa: SLF001 - Copier has no public way to its patterns
        return {path for path in paths if worker.match_exclude(Path(path))}


@contextmanager
def remembering() -> Iterator[None]:
    """Let Copier parse each text once, and start no `git config` for every file that it writes."""
    with (
        mock.patch.object(_main, "is_git_available", return_value=False),
        mock.patch.object(SandboxedEnvironment, "from_string", _from_string),
        mock.patch.object(SandboxedEnvironment, "compile", _code_of),
        mock.patch.object(_main.Worker, "answers_relpath", property(_answers_relpath)),
        mock.patch.object(_main.Worker, "_render_template", _render_template),
        mock.patch.object(_main.Worker, "_render_context", _render_context),
        mock.patch.object(_main.Worker, "_render_string", _render_string),
        mock.patch.dict(_user_data.CAST_STR_TO_NATIVE, yaml=_parse_yaml),
    ):
        yield


@contextmanager
def _plain_folders() -> Iterator[None]:
    """Let Copier take a template as the files that lie there, the same ones at every call."""
    environment = functools.cached_property(_environment)
    environment.__set_name__(_main.Worker, "jinja_env")
    with (
        mock.patch.object(_template, "is_git_available", return_value=False),
        mock.patch.object(_template, "load_template_config", _load),
        mock.patch.object(_main.Worker, "jinja_env", environment),
    ):
        yield


@contextmanager
def _operation(name: str) -> Iterator[None]:
    token = _main._operation.set(name)  # type: ignore[arg-type]  # noqa: SLF001
    try:
        yield
    finally:
        _main._operation.reset(token)  # noqa: SLF001


def _environment(worker: _main.Worker) -> SandboxedEnvironment:
    folder = worker.template.local_abspath
    if folder not in _environments:
        _environments[folder] = _make_environment(worker)
        _environments[folder].auto_reload = False
    return _environments[folder]


def _from_string(environment: SandboxedEnvironment, source: str, *arguments: Any, **options: Any) -> Template:  # noqa: ANN401 - as jinja2 has it
    if arguments or options:
        return _from_text(environment, source, *arguments, **options)
    compiled: dict[str, Template] = environment.__dict__.setdefault("slipway_compiled", {})
    if source not in compiled:
        compiled[source] = _from_text(environment, source)
    return compiled[source]


def _code_of(
    environment: SandboxedEnvironment, source: str, name: str | None = None, filename: str | None = None
) -> CodeType:
    """Compile a text once for all environments that write templates alike: they share a lexer."""
    key = (environment.lexer, source, name)
    if key not in _compiled:
        _compiled[key] = _compiled_once(environment, source, name, filename)
    return _compiled[key]


def _compiled_once(environment: SandboxedEnvironment, source: str, name: str | None, filename: str | None) -> CodeType:
    """Compile a text once a run: where all programs of a run leave their code, it may lie already."""
    if "SLIPWAY_RUN" not in os.environ:
        return _compile(environment, source, name, filename)
    delimiters = (environment.block_start_string, environment.variable_start_string)
    key = hashlib.sha256(repr((delimiters, name, source)).encode()).hexdigest()
    file = run_folder() / "compiled" / key
    if file.exists():
        code: CodeType = marshal.loads(file.read_bytes())  # noqa: S302 - our own, of this very run
        return code
    code = _compile(environment, source, name, filename)
    file.parent.mkdir(exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, delete=False) as half:
        half.write(marshal.dumps(code))
    Path(half.name).rename(file)
    return code


def _answers_relpath(worker: _main.Worker) -> Path:
    if "slipway_answers_path" not in worker.__dict__:
        worker.__dict__["slipway_answers_path"] = _answers_path(worker)
    return Path(worker.__dict__["slipway_answers_path"])


def _render_template(worker: _main.Worker) -> None:
    """Render all files; every answer is given by now, so what depends on answers alone is made once."""
    _answers_relpath(worker)  # it writes into the context that it renders with, so not into this one
    worker.__dict__["slipway_context"] = _context_now(worker)
    worker.__dict__["slipway_rendered"] = {}
    try:
        _render_all(worker)
    finally:
        del worker.__dict__["slipway_context"], worker.__dict__["slipway_rendered"]


def _render_context(worker: _main.Worker) -> MutableMapping[str, Any]:
    return worker.__dict__.get("slipway_context") or _context_now(worker)


def _render_string(worker: _main.Worker, string: str, extra_context: dict[str, Any] | None = None) -> str:
    known: dict[str, str] | None = worker.__dict__.get("slipway_rendered")
    if known is None or extra_context:
        return _render_text(worker, string, extra_context)
    if string not in known:
        known[string] = _render_text(worker, string)
    return known[string]


if __name__ == "__main__":
    with remembering():
        CopierApp.run(["copier", *sys.argv[1:]])
