"""What people do to their repository before an update; each edit leaves a mark and tells whether it is still there."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from kit.tree import Tree
from kit.updates import Edit

EXAMPLE = [
    *(f"src/items/{name}.ts" for name in ("item", "memory", "postgres", "repository", "routes", "service")),
    *(f"tests/{suite}/items.test.ts" for suite in ("unit", "api", "integration")),
    "migrations/0001_create-items.sql",
]
OWN_JOB = """
  licences: # USER-job
    name: licences
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {}
    steps:
      - run: echo licences
"""
OWN_STAGE = "FROM alpine:3 AS tools # USER-stage\nRUN apk add --no-cache tzdata\n\n"


def edit(name: str, profile: str, do: Callable[[Path], object], stays: Callable[[Tree], bool] | None = None) -> Edit:
    """Return an edit; without ``stays`` its mark is ``USER-<name>`` in the text of any file."""
    mark = f"USER-{name}".encode()
    return Edit(name, profile, do, stays or (lambda tree: any(mark in entry.content for entry in tree.values())))


def write(path: str, text: str, repository: Path) -> None:
    """Write a whole file."""
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text(text)


def append(path: str, text: str, repository: Path) -> None:
    """Add text at the end of a file."""
    write(path, (repository / path).read_text() + text, repository)


def replace(path: str, old: str, new: str, repository: Path) -> None:
    """Replace the first ``old`` of a file, which must have it."""
    text = (repository / path).read_text()
    assert old in text, f"{path} no longer says {old!r}; change tests/update/edits.py"
    write(path, text.replace(old, new, 1), repository)


def move(old: str, new: str, repository: Path) -> None:
    """Give a file another path."""
    (repository / new).parent.mkdir(parents=True, exist_ok=True)
    (repository / old).rename(repository / new)


def add_job(repository: Path) -> None:
    """Put a job in the middle of the pipeline, between two of the template's."""
    pipeline = repository / ".github/workflows/ci.yml"
    text = pipeline.read_text()
    between = [match.start() for match in re.finditer(r"\n\n  # .*\n  [a-z-]+:\n", text)]
    middle = between[len(between) // 2] + 1
    pipeline.write_text(text[:middle] + OWN_JOB + text[middle:])


def add_dependency(repository: Path) -> None:
    """Add a dependency as npm does: in alphabetical order, the manifest written anew."""
    manifest = json.loads((repository / "package.json").read_text())
    manifest["dependencies"] = dict(sorted((manifest["dependencies"] | {"USER-manifest": "1.0.0"}).items()))
    write("package.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", repository)


def replace_example(repository: Path) -> None:
    """Begin with a resource of one's own, as the README says."""
    for example in EXAMPLE:
        (repository / example).unlink()
    write("src/orders/order.ts", "export type Order = { id: string };\n", repository)
    write("src/routes.ts", "// orders alone\nexport {};\n", repository)


def example_is_replaced(tree: Tree) -> bool:
    """Tell whether the own resource is there, its routes too, and nothing of the example."""
    own = "src/orders/order.ts" in tree and tree["src/routes.ts"].content.startswith(b"// orders alone")
    return own and not any(example in tree for example in EXAMPLE)


def indent_by_four(repository: Path) -> None:
    """Re-indent a file as another editor would."""
    text = (repository / "tsconfig.json").read_text()
    write("tsconfig.json", re.sub(r"^( +)", r"\1\1", text, flags=re.MULTILINE) + "// USER-indent\n", repository)


TYPICAL = [
    edit("readme", "typical", partial(append, "README.md", "\n## Our notes\n\nUSER-readme\n")),
    edit("owners", "typical", partial(append, "CODEOWNERS", "/src/ @USER-owners\n")),
    edit("manifest", "typical", add_dependency),
    edit("lock", "typical", partial(write, "package-lock.json", '{"name": "USER-lock", "lockfileVersion": 3}\n')),
    edit(
        "workflow", "typical", partial(write, ".github/workflows/own.yml", "name: USER-workflow\non: push\njobs: {}\n")
    ),
    edit("job", "typical", add_job),
    edit("target", "typical", partial(write, "local.mk", "seed: ## USER-target\n\t@true\n")),
    edit("settings", "typical", partial(write, ".env", "LOG_LEVEL=debug # USER-settings\n")),
    edit(
        "config",
        "typical",
        partial(replace, "src/config.ts", 'default("0.0.0.0")', 'default("127.0.0.1" /* USER-config */)'),
    ),
    edit("example", "typical", replace_example, example_is_replaced),
]
HOSTILE = [
    edit("stage", "hostile", partial(replace, "Dockerfile", "FROM", f"{OWN_STAGE}FROM")),
    edit("own-target", "hostile", partial(append, "Makefile", "\nseed: ## USER-own-target\n\t@true\n")),
    edit("same-line", "hostile", partial(replace, "compose.yaml", "image: postgres", "image: USER-same-line/postgres")),
    edit("same-path", "hostile", partial(write, "SECURITY.md", "# Security\n\nUSER-same-path\n")),
    edit("handed-over", "hostile", partial(append, "scripts/database", "# USER-handed-over\n")),
    edit("indent", "hostile", indent_by_four),
    edit("binary", "hostile", lambda repository: (repository / "logo.png").write_bytes(b"\x89PNG\0USER-binary")),
    edit(
        "delete",
        "hostile",
        lambda repository: (repository / ".editorconfig").unlink(),
        lambda tree: ".editorconfig" not in tree,
    ),
    edit(
        "move",
        "hostile",
        partial(move, "src/health.ts", "src/probes/health.ts"),
        lambda tree: "src/probes/health.ts" in tree and "src/health.ts" not in tree,
    ),
    edit(
        "chmod",
        "hostile",
        lambda repository: (repository / "src/server.ts").chmod(0o755),
        lambda tree: tree["src/server.ts"].mode == "755",
    ),
]
EDITS = [*TYPICAL, *HOSTILE]
