"""The path of a Go module: whatever Go takes is taken, and nothing else."""

import pytest

from kit.renderings import QUESTIONS

GO = {"language": "go"}
GOOD = [
    "github.com/platform/orders-api",
    "github.com/Azure/orders.api_2",
    "example.com",
    "git.example.com/a/b/c/~x",
    "dev.azure.com/org/project/_git/orders",
    "example.com/orders/v2",
    "example.com/orders/v10",
    "example.com/v2x",
    "gopkg.in/orders.v1",
    "example.com/console/internal",
]
BAD = [
    "orders",
    "Example.com/orders",
    "-x.com/orders",
    "example.com/",
    "example.com//orders",
    "example.com/.orders",
    "example.com/orders.",
    "example.com/../orders",
    "example.com/orders api",
    "example.com/bestellungen-für",
    "https://example.com/orders",
    "example.com:8080/orders",
    "example.com/orders/v1",
    "example.com/orders/v02",
    "example.com/orders/v2.1",
    "gopkg.in/orders",
    "example.com/con/orders",
    "example.com/NUL.x",
    "example.com/orders~1",
    "example.com/vendor/orders",
    f"example.com/{'a' * 200}",
]


@pytest.mark.parametrize("path", GOOD)
def test_a_path_that_go_takes_is_taken(path: str) -> None:
    assert QUESTIONS.refusal("go_module", path, QUESTIONS.complete(GO)) == ""


@pytest.mark.parametrize("path", BAD)
def test_a_path_that_go_refuses_is_refused_with_the_reason(path: str) -> None:
    refusal = QUESTIONS.refusal("go_module", path, QUESTIONS.complete(GO))

    assert ", because " in refusal
    assert refusal.endswith("; such as github.com/platform/orders-api")
