"""An answer changes with an update: its files come and go, everything else stays; what is fixed is refused."""

import shutil
from pathlib import Path

import pytest
from copier import run_copy

from kit import tree
from kit.owners import owner_of
from kit.releases import BETWEEN, handed_over
from kit.renderings import export
from kit.template import Answers, commit_all, git
from kit.tomorrow import add_language
from kit.updates import Update, bring_up_to_date, update
from update.edits import typical_of

ZIP: Answers = {"artifact": "zip"}
PYTHON: Answers = {"language": "python"}
FLASK: Answers = {**PYTHON, "python_framework": "flask"}
GO: Answers = {"language": "go"}
JAVA: Answers = {"language": "java"}
SWITCHES: dict[str, tuple[Answers, Answers]] = {
    "image to zip": ({}, ZIP),
    "zip to image": (ZIP, {"artifact": "image"}),
    "trunk to gitflow": ({}, {"branching": "gitflow"}),
    "load test off": ({}, {"load_test": "none"}),
    "load test on": ({"load_test": "none"}, {"load_test": "k6"}),
    "canary to blue-green": ({}, {"deployment_strategy": "blue-green"}),
    "blue-green to rolling": ({"deployment_strategy": "blue-green"}, {"deployment_strategy": "rolling"}),
    "alarms of the cloud": ({}, {"metrics": "cloud"}),
    "a Prometheus of one's own": ({"metrics": "cloud"}, {"metrics": "prometheus"}),
    "more channels": ({}, {"alerts": ["email", "slack", "pagerduty"]}),
    "fewer channels": ({"alerts": ["email", "slack"], "metrics": "cloud"}, {"alerts": ["slack"]}),
    "older Node": ({}, {"runtime_version": "22"}),
    "newer Node": ({}, {"runtime_version": "26"}),
    "older Python": (PYTHON, {"runtime_version": "3.11"}),
    "Python: image to zip": (PYTHON, ZIP),
    "Flask: image to zip": (FLASK, ZIP),
    "older Go": (GO, {"runtime_version": "1.26"}),
    "Go: image to zip": (GO, ZIP),
    "older Java": (JAVA, {"runtime_version": "17"}),
    "Java: image to zip": (JAVA, ZIP),
    "all at once": (ZIP, {"artifact": "image", "branching": "gitflow", "load_test": "none", "runtime_version": "26"}),
}
REFUSED: dict[str, tuple[Answers, Answers, str]] = {
    "another name": ({}, {"service_name": "orders"}, "service_name is fixed after generation .here it is my-service."),
    "another framework": (PYTHON, {"python_framework": "flask"}, "python_framework is fixed after generation .here it"),
    "a bundle for Node 26": ({"runtime_version": "26"}, ZIP, "has no platform for Node.js 26; choose image, or"),
    "Node 26 for a bundle": (ZIP, {"runtime_version": "26"}, "has no platform for Node.js 26; choose image, or"),
    "nobody hears": ({}, {"alerts": []}, "alerts: name email, slack or pagerduty"),
    "an unknown artifact": ({}, {"artifact": "tarball"}, "'tarball' is not in"),
    "another room": ({}, {"artifact_zip": "."}, "artifact_zip: follows from the other answers and cannot be set"),
    "a bad owner": ({}, {"owner": "A Team"}, "use small letters"),
}


def switched(switch: str) -> Update:
    answers, data = SWITCHES[switch]
    return update(BETWEEN, typical_of(answers), answers, data)


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_brings_its_files_and_takes_the_others(switch: str) -> None:
    done = switched(switch)
    managed = {path for path in done.theirs if owner_of(path) == "managed"}
    untouched = managed - {path for path in done.mine if done.mine[path] != done.base.get(path)}

    assert tree.difference(*({path: files[path] for path in untouched} for files in (done.theirs, done.result))) == []
    assert done.deleted() == set(done.base) - set(done.theirs) - handed_over()


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_loses_no_edit(switch: str) -> None:
    done = switched(switch)

    assert [edit.name for edit in typical_of(SWITCHES[switch][0]) if not edit.stays(done.result)] == []
    assert done.conflicts() == []
    assert done.rejects() == []


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_refused_switch_changes_nothing(refusal: str, tmp_path: Path) -> None:
    answers, data, sentence = REFUSED[refusal]
    repository = shutil.copytree(update(BETWEEN, (), answers).repository, tmp_path / "repository")
    commit_all(repository, "Update from the template")
    before = tree.read(repository)

    with pytest.raises(ValueError, match=sentence):
        bring_up_to_date(repository, data)

    assert tree.read(repository) == before
    assert git(repository, "status", "--porcelain") == ""


def test_the_language_is_fixed(tmp_path: Path) -> None:
    template = shutil.copytree(export(), tmp_path / "template")
    add_language(template, "ruby", ["4.0"])
    commit_all(template, "Two languages")
    git(template, "tag", "v1.0.0")
    run_copy(str(template), tmp_path / "service", data={"language": "ruby"}, defaults=True, quiet=True)
    commit_all(tmp_path / "service", "Begin with Slipway")

    with pytest.raises(ValueError, match=r"language is fixed after generation \(here it is ruby\)"):
        bring_up_to_date(tmp_path / "service", {"language": "node"}, version="v1.0.0")

    assert git(tmp_path / "service", "status", "--porcelain") == ""
