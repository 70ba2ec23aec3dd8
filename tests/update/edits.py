"""What people do to their repository before an update; each edit leaves a mark and tells whether it is still there."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kit.template import Answers
from kit.tree import Tree
from kit.updates import Edit

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


@dataclass(frozen=True)
class Service:
    """What a team edits in the service of its language: each a path and what to do with it."""

    manifest: Callable[[Path], object]
    lock: tuple[str, str]
    config: tuple[str, str, str]
    example: tuple[str, ...]
    resource: tuple[str, str]
    routes: tuple[str, str]


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


def add_dependency_by_uv(repository: Path) -> None:
    """Add a dependency as uv does: in alphabetical order, the rest of the manifest as it is."""
    replace("pyproject.toml", '26.1",\n', '26.1",\n  "user-manifest>=1", # USER-manifest\n', repository)


def add_dependency_by_go(repository: Path) -> None:
    """Add a dependency as go does: in alphabetical order, the rest of the manifest as it is."""
    end = ")\n\nrequire"
    replace("go.mod", end, f"\tgo.example.com/user-manifest v1.0.0 // USER-manifest\n{end}", repository)


def add_dependency_by_npm(repository: Path) -> None:
    """Add a dependency as npm does: in alphabetical order, the manifest written anew."""
    manifest = json.loads((repository / "package.json").read_text())
    manifest["dependencies"] = dict(sorted((manifest["dependencies"] | {"USER-manifest": "1.0.0"}).items()))
    write("package.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", repository)


def add_dependency_to_pom(repository: Path) -> None:
    """Add a dependency where its group belongs in the alphabet."""
    before = "    <dependency>\n      <groupId>org.postgresql</groupId>"
    own = "    <dependency>\n      <groupId>org.USER-manifest</groupId>\n      <artifactId>own</artifactId>\n"
    replace("pom.xml", before, f"{own}      <version>1</version>\n    </dependency>\n{before}", repository)


def replace_example(service: Service, repository: Path) -> None:
    """Begin with a resource of one's own, as the README says."""
    for example in service.example:
        (repository / example).unlink()
    write(*service.resource, repository)
    write(*service.routes, repository)


def example_is_replaced(service: Service, tree: Tree) -> bool:
    """Tell whether the own resource is there, its routes too, and nothing of the example."""
    own = (service.resource, service.routes)
    kept = all(path in tree and tree[path].content == text.encode() for path, text in own)
    return kept and not any(example in tree for example in service.example)


def indent_by_four(repository: Path) -> None:
    """Re-indent a file as another editor would."""
    text = (repository / "tsconfig.json").read_text()
    write("tsconfig.json", re.sub(r"^( +)", r"\1\1", text, flags=re.MULTILINE) + "// USER-indent\n", repository)


NODE = Service(
    manifest=add_dependency_by_npm,
    lock=("package-lock.json", '{"name": "USER-lock", "lockfileVersion": 3}\n'),
    config=("src/config.ts", 'default("0.0.0.0")', 'default("127.0.0.1" /* USER-config */)'),
    example=(
        *(f"src/items/{name}.ts" for name in ("item", "memory", "postgres", "repository", "routes", "service")),
        *(f"tests/{suite}/items.test.ts" for suite in ("unit", "api", "integration")),
        "migrations/0001_create-items.sql",
    ),
    resource=("src/orders/order.ts", "export type Order = { id: string };\n"),
    routes=("src/routes.ts", "// orders alone\nexport {};\n"),
)
PYTHON = Service(
    manifest=add_dependency_by_uv,
    lock=("uv.lock", "version = 1 # USER-lock\n"),
    config=("app/config.py", "= 8080\n", "= 8081  # USER-config\n"),
    example=(
        *(f"app/items/{name}.py" for name in ("item", "memory", "postgres", "repository", "routes", "service", "sql")),
        *(f"tests/{suite}/test_items.py" for suite in ("unit", "api", "integration")),
        "tests/unit/test_item_service.py",
        "app/items/__init__.py",
        "migrations/versions/0001_create_items.py",
    ),
    resource=("app/orders/order.py", "Order = str\n"),
    routes=("app/routes.py", "# orders alone\n"),
)
GO = Service(
    manifest=add_dependency_by_go,
    lock=("go.sum", "example.com/user v1.0.0 h1:USER-lock=\n"),
    config=("internal/config/config.go", '"PORT", 8080, 0, 65_535),', '"PORT", 8081, 0, 65_535), // USER-config'),
    example=(
        *(f"internal/items/{name}.go" for name in ("item", "memory", "postgres", "routes", "service")),
        *(f"tests/{suite}/items_test.go" for suite in ("api", "integration")),
        "migrations/0001_create_items.sql",
    ),
    resource=("internal/orders/order.go", "package orders\n"),
    routes=("internal/app/routes.go", "// orders alone\n\npackage app\n"),
)


JAVA_MAIN, JAVA_TEST = (f"src/{part}/java/io/github/platform/myservice" for part in ("main", "test"))
JAVA_ITEMS = ("", "Configuration", "Controller", "Id", "Input", "Page", "PageQuery", "Repository", "Service")
JAVA_ITEM_TESTS = ("IdTest", "InputTest", "PageQueryTest", "RepositoryContract", "ServiceTest", "sApiTest")
JAVA = Service(
    manifest=add_dependency_to_pom,
    lock=(".audit-accepted", "GHSA-USER-lock nobody calls it\n"),
    config=(f"{JAVA_MAIN}/config/Config.java", '"PORT", 8080', '"PORT", 8081 /* USER-config */'),
    example=(
        *(f"{JAVA_MAIN}/items/Item{name}.java" for name in JAVA_ITEMS),
        *(f"{JAVA_MAIN}/items/{store}Items.java" for store in ("Memory", "Postgres")),
        *(f"{JAVA_TEST}/items/Item{name}.java" for name in JAVA_ITEM_TESTS),
        *(f"{JAVA_TEST}/items/{name}.java" for name in ("MemoryItemsTest", "PostgresItemsIT")),
        "src/main/resources/db/migration/V0001__create_items.sql",
    ),
    resource=(f"{JAVA_MAIN}/orders/Order.java", "record Order(String id) {}\n"),
    routes=(f"{JAVA_MAIN}/orders/OrderController.java", "// orders alone\n"),
)


def typical(service: Service) -> list[Edit]:
    """Return what most teams do."""
    return [
        edit("readme", "typical", partial(append, "README.md", "\n## Our notes\n\nUSER-readme\n")),
        edit("owners", "typical", partial(append, "CODEOWNERS", "/api/ @USER-owners\n")),
        edit("manifest", "typical", service.manifest),
        edit("lock", "typical", partial(write, *service.lock)),
        edit(
            "workflow",
            "typical",
            partial(write, ".github/workflows/own.yml", "name: USER-workflow\non: push\njobs: {}\n"),
        ),
        edit("job", "typical", add_job),
        edit("target", "typical", partial(write, "local.mk", "seed: ## USER-target\n\t@true\n")),
        edit("settings", "typical", partial(write, ".env", "LOG_LEVEL=debug # USER-settings\n")),
        edit("config", "typical", partial(replace, *service.config)),
        edit("example", "typical", partial(replace_example, service), partial(example_is_replaced, service)),
    ]


def typical_of(answers: Answers) -> list[Edit]:
    """Return what most teams do whose repository was made with these answers."""
    of_language = {"node": TYPICAL, "python": TYPICAL_OF_PYTHON, "java": TYPICAL_OF_JAVA, "go": TYPICAL_OF_GO}
    return of_language[str(answers.get("language", "node"))]


TYPICAL = typical(NODE)
TYPICAL_OF_PYTHON = typical(PYTHON)
TYPICAL_OF_GO = typical(GO)
TYPICAL_OF_JAVA = typical(JAVA)
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
