"""Which combinations of answers the tests render: a full product, and a set that covers every three answers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, product as cartesian

from kit.questions import Questionnaire

# What shapes a repository most; the question of a framework is named after its language, such as python_framework.
AXES = ("language", "framework", "ci", "cloud", "runtime", "artifact")

# Of thousands that fit, so many are tried for a row: ten times as many save few rows and cost ten times the time.
TRIED = 20

Combo = Mapping[str, object]
Triple = frozenset[tuple[str, object]]


def product(questions: Questionnaire) -> list[Combo]:
    """Return each accepted combination of the answers in ``AXES``; all others keep their defaults."""
    branching = {name for name in questions.choosing() if name in AXES or name.rpartition("_")[2] == "framework"}
    return [*questions.walk(frozenset(branching))]


def covering(questions: Questionnaire) -> list[Combo]:
    """Return few combinations that hold every three answers, of all questions with choices, that can stand together."""
    bound, cores, free = _parts(questions)
    missing = dict.fromkeys(sorted(triples(questions), key=_text))
    rows: list[Combo] = []
    while missing:
        rows.append(_next_row(cores, bound, free, missing))
        for triple in triples_of(rows[-1]):
            missing.pop(triple, None)
    return rows


def triples(questions: Questionnaire) -> set[Triple]:
    """Return every three answers to questions with choices that can stand together."""
    bound, cores, free = _parts(questions)
    found: set[Triple] = set()
    for size in range(4):
        inner = {part for core in cores for part in combinations(_pairs(core, bound), size)}
        outer = [
            part
            for names in combinations(free, 3 - size)
            for part in cartesian(*([(name, value) for value in free[name]] for name in names))
        ]
        found |= {frozenset(left + right) for left in inner for right in outer}
    return found


def triples_of(combo: Combo) -> Iterable[Triple]:
    """Return every three answers of one combination."""
    return map(frozenset, combinations(combo.items(), 3))


def name_of(combo: Combo, questions: Questionnaire) -> str:
    """Return the answers to the questions with choices as one name, such as ``node-github-actions-...-zip``."""
    pairs = _pairs(combo, questions.choosing())
    return "-".join(name if value is True else _word(value) for name, value in pairs if value is not False)


def _parts(questions: Questionnaire) -> tuple[list[str], list[Combo], dict[str, list[object]]]:
    """Split the questions with choices: those bound to each other with their accepted answers, and the free ones."""
    choosing = questions.choosing()
    sources = {name: questions.reads(name) & set(choosing) for name in choosing}
    bound = [name for name in choosing if sources[name] or any(name in others for others in sources.values())]
    cores: list[Combo] = [dict(_pairs(combo, choosing)) for combo in questions.walk(frozenset(bound))]
    free = {name: questions.accepted(name, cores[0]) for name in choosing if name not in bound}
    return bound, cores, free


def _next_row(
    cores: Sequence[Combo], bound: Collection[str], free: Mapping[str, Sequence[object]], missing: Collection[Triple]
) -> Combo:
    """Return the row that holds the first missing triple and then takes, question by question, what covers most."""
    wanted = dict(next(iter(missing)))
    fitting = [core for core in cores if all(core.get(name) == wanted[name] for name in bound if name in wanted)]
    tried = fitting[:: max(1, len(fitting) // TRIED)]
    core = max(tried, key=lambda core: _gain(_pairs(core, bound), missing))
    row = dict(_pairs(core, bound)) | {name: wanted[name] for name in free if name in wanted}
    for name in (name for name in free if name not in row):
        row |= {name: max(free[name], key=lambda value: _gain([*row.items(), (name, value)], missing))}
    return {name: row[name] for name in core if name in row} | row


def _gain(pairs: Sequence[tuple[str, object]], missing: Collection[Triple]) -> int:
    return sum(frozenset(three) in missing for three in combinations(pairs, 3))


def _pairs(combo: Combo, names: Iterable[str]) -> list[tuple[str, object]]:
    return [(name, combo[name]) for name in names if name in combo]


def _word(value: object) -> str:
    """Return an answer as a word; several choices are joined by a plus."""
    return "+".join(map(str, value)) if isinstance(value, list) else str(value).strip("[]").replace(", ", "+")


def _text(triple: Triple) -> list[str]:
    return sorted(map(repr, triple))
