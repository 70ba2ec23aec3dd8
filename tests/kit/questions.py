"""The questions of copier.yml as Copier itself reads them: what each offers after the earlier answers."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copier._jinja_ext import SandboxedEnvironment
from copier._main import Worker
from copier._settings import SettingsModel
from copier._user_data import AnswersMap, Question
from jinja2 import meta
from yaml import YAMLError

from kit.fast import remembering

SOURCE = "https://git.example.com/platform/slipway.git"

Answers = Mapping[str, object]


@dataclass(frozen=True)
class Questionnaire:
    """All questions of one version of the template: their details in asking order, and what renders them."""

    details: Mapping[str, Mapping[str, Any]]
    environment: SandboxedEnvironment

    def visible(self) -> list[str]:
        """Return the questions that a person may meet, in asking order."""
        return [name for name, details in self.details.items() if details.get("when") is not False]

    def choosing(self) -> list[str]:
        """Return the visible questions whose answer is one of a few; a yes or no is one."""
        return [name for name in self.visible() if "choices" in self.details[name] or self._is_bool(name)]

    def accepted(self, name: str, answers: Answers) -> list[object]:
        """Return the values of question ``name`` that can be chosen after ``answers``; of several, each and all."""
        if self._is_bool(name):
            return [False, True]
        values = [value for value, refusal in self.offers(name, answers) if not refusal]
        if self.details[name].get("multiselect"):
            return [f"[{', '.join(map(str, chosen))}]" for chosen in (*([value] for value in values), values)]
        return values

    def offers(self, name: str, answers: Answers) -> list[tuple[object, str]]:
        """Return each choice of question ``name`` after ``answers`` with the sentence that refuses it, or ""."""
        question = self._question(name, answers)
        choices = question._formatted_choices  # noqa: SLF001 - as Copier itself reads them
        return [(question.cast_answer(choice.value), choice.disabled or "") for choice in choices]

    @remembering()
    def refusal(self, name: str, answer: object, answers: Answers) -> str:
        """Return the sentence that refuses ``answer`` to question ``name`` after ``answers``, or ""."""
        question = self._question(name, answers)
        try:
            question.validate_answer(question.parse_answer(answer))
        except (ValueError, TypeError, YAMLError) as error:
            return str(error)
        return ""

    def reads(self, name: str) -> frozenset[str]:
        """Return the visible questions that may decide what ``name`` offers, hidden ones followed to their sources.

        An included file counts as a whole, so the set may be too large, never too small.
        """
        found: set[str] = set()
        waiting = self._names_in(name)
        while waiting:
            other = waiting.pop()
            if other in self.details and other not in found:
                found.add(other)
                waiting |= self._names_in(other) if other not in self.visible() else set()
        return frozenset(found & set(self.visible())) - {name}

    @remembering()
    def complete(self, answers: Answers) -> dict[str, object]:
        """Return the answers to all questions, hidden ones too, where ``answers`` are given and the rest is default."""
        full: dict[str, object] = {}
        for name in self.details:
            question = self._question(name, full)
            if name not in self.visible() or question.get_when():
                full[name] = question.parse_answer(answers[name]) if name in answers else question.get_default()
        return full

    @remembering()
    def walk(self, branching: frozenset[str]) -> list[dict[str, object]]:
        """Return each accepted combination of answers to the questions ``branching``; others keep their defaults."""
        sources = {name: sorted(self.reads(name)) for name in self.details}
        known: dict[tuple[str, ...], list[object]] = {}
        walked: list[dict[str, object]] = [{}]
        for name in self.details:
            longer = []
            for answers in walked:
                key = (name, *(repr(answers.get(source)) for source in sources[name]))
                if key not in known:
                    known[key] = self._values(name, answers, branching=name in branching)
                longer += [{**answers, name: value} for value in known[key]] or [answers]
            walked = longer
        return [{name: answers[name] for name in self.visible() if name in answers} for answers in walked]

    def _values(self, name: str, answers: Answers, *, branching: bool) -> list[object]:
        """Return the answers to try for a question, none if it does not count."""
        question = self._question(name, answers)
        if name in self.visible() and not question.get_when():
            return []
        return self.accepted(name, answers) if branching else [question.get_default()]

    def _question(self, name: str, answers: Answers) -> Question:
        return Question(
            answers=AnswersMap(),
            context={"_src_path": SOURCE, "_copier_conf": {"data": {}}, **answers},
            jinja_env=self.environment,
            settings=SettingsModel(),
            var_name=name,
            **self.details[name],
        )

    def _is_bool(self, name: str) -> bool:
        return bool(self.details[name].get("type") == "bool")

    def _names_in(self, name: str) -> set[str]:
        deciding = [self.details[name].get(key) for key in ("choices", "default", "when")]
        return set().union(*(_names_in(self.environment, text) for text in _texts(deciding)))


def read(template: Path) -> Questionnaire:
    """Return the questions of the template in the folder ``template``, as its files are."""
    with Worker(src_path=str(template), dst_path=template / "nowhere") as worker:
        worker.template.__dict__["vcs"] = None  # else Copier would clone a repository first
        return Questionnaire(worker.template.questions_data, worker.jinja_env)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


@functools.cache
def _names_in(environment: SandboxedEnvironment, text: str) -> frozenset[str]:
    """Return the names that ``text`` reads, with those of the files that it includes or imports by name."""
    tree = environment.parse(text)
    names = set(meta.find_undeclared_variables(tree))
    for file in filter(None, meta.find_referenced_templates(tree)):
        assert environment.loader is not None
        names |= _names_in(environment, environment.loader.get_source(environment, file)[0])
    return frozenset(names)
