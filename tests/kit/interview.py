"""Rules for copier.yml itself, of which Copier checks few: it ignores a misspelt key without a word."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from copier._template import Template, load_template_config
from copier._user_data import Question

Config = Mapping[str, Any]

LONGEST_HELP = 20
FILLER = {"select", "choose", "please", "enter"}
ORDER = ("type", "help", "ask", "when", "choices", "multiselect", "default", "validator")
SETTINGS = {name for name in vars(Template) if not name.startswith("_")} | {"answers_file"}
NEED_TRUST = ("_tasks", "_jinja_extensions")
NOT_OURS = ("_secret_questions", "_preserve_symlinks", "_external_data")


def load(template: Path) -> Config:
    """Return copier.yml of the folder ``template``, the files that it includes with it."""
    return load_template_config(template / "copier.yml")


def flaws(config: Config) -> list[str]:
    """Return one sentence for each rule that a copier.yml breaks."""
    return [f"{name}: {flaw}" for rule in RULES for name, flaw in rule(config)]


def questions(config: Config) -> dict[str, dict[str, Any]]:
    """Return the questions, which are all keys without an underscore."""
    return {name: details for name, details in config.items() if not name.startswith("_")}


def is_hidden(details: Mapping[str, Any]) -> bool:
    """Tell whether nobody can be asked this question."""
    return details.get("when") is False


Findings = Iterator[tuple[str, str]]


def _known_keys(config: Config) -> Findings:
    attributes = set(get_type_hints(Question))
    for name in config:
        if name.startswith("_") and name[1:] not in SETTINGS:
            yield name, "Copier has no such setting and would ignore it"
    for name, details in questions(config).items():
        for key in set(details) - attributes:
            yield name, f"Copier has no key {key} and would ignore it"
        if list(details) != [key for key in ORDER if key in details]:
            yield name, f"write the keys in the order {', '.join(ORDER)}"


def _trust(config: Config) -> Findings:
    for name in NEED_TRUST:
        if name in config:
            yield name, "would need --trust for every copy and update"
    for migration in config.get("_migrations", []):
        if not (isinstance(migration, dict) and "version" in migration):
            yield "_migrations", "without version: it would need --trust for every update"


def _strictness(config: Config) -> Findings:
    if config.get("_envops", {}).get("undefined") != "jinja2.StrictUndefined":
        yield "_envops", "without StrictUndefined a misspelt name renders to nothing"
    if not config.get("_min_copier_version"):
        yield "_min_copier_version", "an old Copier would read ask: as nothing"


def _completeness(config: Config) -> Findings:
    for name, details in questions(config).items():
        if not details.get("type"):
            yield name, "without type: 3.10 becomes 3.1"
        if "default" not in details:
            yield name, "without default an update of an older repository stops"
        if "choices" not in details and "validator" not in details and details.get("type") != "bool":
            yield name, "takes any answer: give choices or a validator"
        if "choices" in details and "validator" in details and not details.get("multiselect"):
            yield name, "Copier does not ask this validator at the prompt: give each choice its own"
        if details.get("secret"):
            yield name, "a secret has no place in a repository"


def _help(config: Config) -> Findings:
    for name, details in questions(config).items():
        words = str(details.get("help", "")).split()
        if is_hidden(details) == bool(words):
            yield name, "help is for visible questions, all of them"
        if len(words) > LONGEST_HELP:
            yield name, f"help has {len(words)} words, {LONGEST_HELP} are allowed"
        if words and words[0].lower() in FILLER:
            yield name, f"help begins with {words[0]}"
        if words and words[-1].endswith("?") and details["type"] != "bool":
            yield name, "help asks; say what the answer changes"


def _labels(config: Config) -> Findings:
    for name, details in questions(config).items():
        choices = details.get("choices")
        if not isinstance(choices, dict):
            continue
        values = [choice["value"] if isinstance(choice, dict) else choice for choice in choices.values()]
        if details["default"] not in (values[0], values[:1]):
            yield name, f"the default {details['default']} is not the first choice"
        for label, value in zip(choices, values, strict=True):
            if not isinstance(value, str) or not str(label).startswith(f"{value}  "):
                yield name, f"the label {label!r} is not the value, two spaces, what it means"


RULES: tuple[Callable[[Config], Findings], ...] = (_known_keys, _trust, _strictness, _completeness, _help, _labels)
