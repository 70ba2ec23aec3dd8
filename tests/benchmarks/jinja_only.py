"""Render the template by Jinja alone: the yardstick for what Copier adds. It is right for default answers only.

usage: python jinja_only.py TEMPLATE DESTINATION
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment


def main(template: Path, destination: Path) -> None:
    """Write every file whose path renders to something."""
    questions, *_hand_overs = (template / "copier.yml").read_text().split("\n---\n")
    settings = yaml.safe_load(questions)
    options = settings["_envops"] | {"undefined": StrictUndefined}
    extensions = ["jinja2_ansible_filters.AnsibleCoreFiltersExtension"]
    environment = SandboxedEnvironment(loader=FileSystemLoader(template), extensions=extensions, **options)
    answers = _answers(environment, settings)
    _render(environment, template / settings["_subdirectory"], destination, answers, settings["_templates_suffix"])


def _answers(environment: SandboxedEnvironment, settings: dict[str, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = {"_commit": "HEAD", "_src_path": "template"}
    answers: dict[str, Any] = {
        "_copier_answers": stored,
        "_copier_conf": {"answers_file": settings["_answers_file"]},
        "_external_data": {},
    }
    for name, question in settings.items():
        if name.startswith("_"):
            continue
        default = question["default"]
        value = environment.from_string(default).render(answers) if isinstance(default, str) else default
        answers[name] = yaml.safe_load(value) if question["type"] == "yaml" else value
        if question.get("when") is not False:
            stored[name] = answers[name]
    return answers


def _render(
    environment: SandboxedEnvironment,
    source: Path,
    destination: Path,
    answers: dict[str, Any],
    suffix: str,
) -> None:
    destination.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        name = environment.from_string(path.name.removesuffix(suffix)).render(answers)
        if not name:
            continue
        target = destination / name
        if path.is_dir():
            _render(environment, path, target, answers, suffix)
        elif path.suffix == suffix:
            target.write_text(environment.from_string(path.read_text()).render(answers))
            shutil.copymode(path, target)
        else:
            shutil.copy(path, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
