"""The template of tomorrow: what docs/adding-a-language.md says to do, done to a copy of the present template."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import yaml


def add_language(template: Path, name: str, versions: Sequence[str]) -> None:
    """Give the template in the folder ``template`` one more language, whose room and facts are those of Node.

    No runtime has a platform for it, so that it ships as an image only.
    """
    shutil.copytree(template / "template/[[[ language_node ]]]", template / f"template/[[[ language_{name} ]]]")
    facts = yaml.safe_load((template / "includes/languages/node.yml").read_text())
    facts |= {"name": name, "title": name.title(), "versions": list(versions)}
    (template / f"includes/languages/{name}.yml").write_text(yaml.safe_dump(facts))
    for runtime in (template / "includes/runtimes").glob("*.yml"):
        facts = yaml.safe_load(runtime.read_text())
        runtime.write_text(yaml.safe_dump(facts | {"platforms": facts["platforms"] | {name: []}}))
    _add_choice(template / "copier.yml", name)


def _add_choice(questions: Path, name: str) -> None:
    """Repeat the lines of Node, the choice and the switch of its room, for the new language; and ask for it."""
    text = questions.read_text()
    for lines_of_node in (r"(?<=\n  choices:\n)    node  .*\n(      .*\n)+", r"\nlanguage_node:\n(  .*\n)+"):
        lines = re.search(lines_of_node, text)
        assert lines, f"copier.yml has no lines like {lines_of_node}"
        text = text[: lines.end()] + re.sub(r"\bnode\b|(?<=_)node\b", name, lines.group()) + text[lines.end() :]
    questions.write_text(re.sub(r"(\nlanguage:\n(  .*\n)*?)  ask: false\n", r"\1", text))
