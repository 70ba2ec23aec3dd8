"""Generated repositories of both ways of monitoring."""

import re
from pathlib import Path

from kit import fast
from kit.folders import made_once, run_folder
from kit.renderings import export
from kit.template import Answers

SERVICE = "my-service"
EVERY_CHANNEL = "[email, slack, pagerduty]"
PROMETHEUS: Answers = {"metrics": "prometheus", "alerts": EVERY_CHANNEL}
CLOUD: Answers = {"metrics": "cloud", "alerts": EVERY_CHANNEL}
CHANNELS = ("email", "slack", "pagerduty")


def rendered(answers: Answers) -> Path:
    """Return the repository for these answers, not to be changed."""
    template = export()
    name = "monitoring/" + re.sub(r"[^\w]+", "-", "-".join(f"{key}-{value}" for key, value in answers.items()))
    with made_once(name) as folder:
        if folder:
            fast.render(template, folder, answers)
    return run_folder() / name


def monitoring(answers: Answers = PROMETHEUS) -> Path:
    """Return the folder ``monitoring`` of a repository with a Prometheus, not to be changed."""
    return rendered({**PROMETHEUS, **answers}) / "monitoring"
