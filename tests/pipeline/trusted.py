"""What a pipeline is trusted with, as marked words that nothing may print."""

from kit.act import WorkflowRun
from kit.cloud import PASSWORD
from kit.github_api import TOKEN

SESSION_SECRET = "the-session-of-one-job"  # noqa: S105
MARKER = "the-secret-of-the-repository"
SECRETS = (MARKER, SESSION_SECRET, TOKEN, PASSWORD)


def given_away(run: WorkflowRun) -> list[str]:
    """Return what a run printed, told its summary page, or handed on of what it was trusted with."""
    printed = [run.summary, *(run.said(job) + str(run.outputs(job)) for job in run.results)]
    return [secret for secret in SECRETS if any(secret in text for text in printed)]
