"""Which combinations of answers the tests render: a full product, and few that cover the other questions by threes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations, product as cartesian

from kit.questions import Questionnaire

# What shapes a repository most; the question of a framework is named after its language, such as python_framework.
AXES = ("language", "framework", "ci", "cloud", "runtime", "runtime_version", "artifact")

# Of thousands that fit, so many are tried for a row: ten times as many save few rows and cost ten times the time.
TRIED = 20

# How many answers are to stand together: two to any questions, or three to those that are no axes.
SIZES = (2, 3)

Combo = Mapping[str, object]
Group = frozenset[tuple[str, object]]


def product(questions: Questionnaire) -> list[Combo]:
    """Return each accepted combination of the answers in ``AXES``; all others keep their defaults."""
    return [*questions.walk(frozenset(filter(_is_axis, questions.choosing())))]


def covering(questions: Questionnaire) -> list[Combo]:
    """Return few combinations that hold every group of answers that is to stand together."""
    bound, cores, free = _parts(questions)
    # Large ones first: a row that holds them leaves less to choose than one that holds a pair.
    missing = dict.fromkeys(sorted(groups(questions), key=lambda group: (-len(group), _text(group))))
    rows: list[Combo] = []
    while missing:
        rows.append(_next_row(cores, bound, free, missing))
        for group in groups_of(rows[-1]):
            missing.pop(group, None)
    return rows


def groups(questions: Questionnaire) -> set[Group]:
    """Return every two answers that can stand together, and every three to questions that the product leaves alone."""
    bound, cores, free = _parts(questions)
    found: set[Group] = set()
    for inside, outside in ((inside, size - inside) for size in SIZES for inside in range(size + 1)):
        inner = {part for core in cores for part in combinations(_pairs(core, bound), inside)}
        outer = [
            part
            for names in combinations(free, outside)
            for part in cartesian(*([(name, value) for value in free[name]] for name in names))
        ]
        found |= {frozenset(left + right) for left in inner for right in outer}
    return set(filter(_is_wanted, found))


def groups_of(combo: Combo) -> Iterable[Group]:
    """Return the groups of one combination that are to stand together in some."""
    return filter(_is_wanted, (frozenset(some) for size in SIZES for some in combinations(combo.items(), size)))


def name_of(combo: Combo, questions: Questionnaire) -> str:
    """Return the answers to the questions with choices as one name, such as ``node-github-actions-...-zip``."""
    pairs = _pairs(combo, questions.choosing())
    return "-".join(name if value is True else _word(value) for name, value in pairs if value is not False)


def _is_axis(name: str) -> bool:
    return name in AXES or name.endswith("_framework")


def _is_wanted(group: Group) -> bool:
    return len(group) == 2 or not any(_is_axis(name) for name, _ in group)


def _parts(questions: Questionnaire) -> tuple[list[str], list[Combo], dict[str, list[object]]]:
    """Split the questions with choices: those bound to each other with their accepted answers, and the free ones."""
    choosing = questions.choosing()
    sources = {name: questions.reads(name) & set(choosing) for name in choosing}
    bound = [name for name in choosing if sources[name] or any(name in others for others in sources.values())]
    cores: list[Combo] = [dict(_pairs(combo, choosing)) for combo in questions.walk(frozenset(bound))]
    free = {name: questions.accepted(name, cores[0]) for name in choosing if name not in bound}
    return bound, cores, free


def _next_row(
    cores: Sequence[Combo], bound: Collection[str], free: Mapping[str, Sequence[object]], missing: Collection[Group]
) -> Combo:
    """Return the row that holds the first missing group and then takes, question by question, what covers most."""
    wanted = dict(next(iter(missing)))
    fitting = [core for core in cores if all(core.get(name) == wanted[name] for name in bound if name in wanted)]
    tried = fitting[:: max(1, len(fitting) // TRIED)]
    core = max(tried, key=lambda core: _gain(_pairs(core, bound), missing))
    row = dict(_pairs(core, bound)) | {name: wanted[name] for name in free if name in wanted}
    for name in (name for name in free if name not in row):
        row |= {name: max(free[name], key=lambda value: _gain([*row.items(), (name, value)], missing))}
    return {name: row[name] for name in core if name in row} | row


def _gain(pairs: Sequence[tuple[str, object]], missing: Collection[Group]) -> int:
    return sum(frozenset(some) in missing for size in SIZES for some in combinations(pairs, size))


def _pairs(combo: Combo, names: Iterable[str]) -> list[tuple[str, object]]:
    return [(name, combo[name]) for name in names if name in combo]


def _word(value: object) -> str:
    """Return an answer as a word; several choices are joined by a plus."""
    return "+".join(map(str, value)) if isinstance(value, list) else str(value).strip("[]").replace(", ", "+")


def _text(group: Group) -> list[str]:
    return sorted(map(repr, group))
