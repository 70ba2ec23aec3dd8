"""Releases that are wrong in one place: what to replace in which job of which workflow, and by what."""

from dataclasses import dataclass

EXEC = 'run: exec deploy/release production "$ARTIFACT" "$COMMIT" >"$RUNNER_TEMP/event.json"'
ARTIFACT = "ARTIFACT: ${{ needs.publish.outputs.artifact }}"
UNDO = "      - if: ${{ (failure() || cancelled()) && steps.release.outcome != 'skipped' }}\n"
LOCK = "    concurrency: {group: deploy-production, cancel-in-progress: false, queue: max}\n"
ENVIRONMENT = '    environment: {name: production, url: "${{ steps.released.outputs.url }}"}\n'


@dataclass(frozen=True)
class Mutant:
    """One mistake; ``job`` is empty for what stands before the jobs."""

    job: str
    old: str
    new: str
    workflow: str = "push"
    branching: str = "trunk"

    def changed(self, text: str) -> str:
        """Return ``text`` with the mistake."""
        place = text.index(f"\n  {self.job}:\n") if self.job else 0
        assert self.old in text[place:], f"{self.old!r} is not in {self.job or self.workflow}"
        return text[:place] + text[place:].replace(self.old, self.new, 1)


def rollback(job: str, old: str, new: str) -> Mutant:
    """Return a mistake in the workflow that goes back."""
    return Mutant(job, old, new, "rollback")


def promote(old: str, new: str) -> Mutant:
    """Return a mistake in the job of the workflow that people release by."""
    return Mutant("deploy-production", old, new, "promote")


def gitflow(job: str, old: str, new: str) -> Mutant:
    """Return a mistake of a repository with two release branches."""
    return Mutant(job, old, new, branching="gitflow")


RELEASE_MUTANTS: dict[str, Mutant] = {
    # order
    "staging does not wait for the artifact": Mutant("deploy-staging", "    needs: [publish]\n", ""),
    "the load does not wait for staging": Mutant("load-staging", "needs: [deploy-staging]", "needs: [publish]"),
    "the approval overlooks the load": Mutant(
        "approve", "needs: [deploy-staging, load-staging]", "needs: [deploy-staging]"
    ),
    "the approval overlooks staging": Mutant("approve", "needs: [deploy-staging, load-staging]", "needs: [publish]"),
    "production does not wait for the approval": Mutant("deploy-production", "[publish, approve]", "[publish]"),
    "the approval comes after production": Mutant("approve", "load-staging]", "load-staging, deploy-production]"),
    "the approval is gone": Mutant("", "\n  approve:\n    name: approve\n", "\n  proceed:\n    name: proceed\n"),
    # gates
    "production's gate looks at the branch alone": Mutant("deploy-production", "github.event_name == 'push' && ", ""),
    "production's gate looks at the event alone": Mutant(
        "deploy-production", " && github.ref == 'refs/heads/main'", ""
    ),
    "production does not read the approval": Mutant(
        "deploy-production", " && needs.approve.outputs.production == 'true'", ""
    ),
    "production reads the answer about staging": Mutant(
        "deploy-production", "needs.approve.outputs.production", "needs.publish.outputs.staging"
    ),
    "production opens unless somebody said no": Mutant(
        "deploy-production", "production == 'true'", "production != 'false'"
    ),
    "production opens after a failure": Mutant("deploy-production", "if: ${{ github", "if: ${{ always() && github"),
    "production opens unless the run is cancelled": Mutant("deploy-production", "if: ${{ ", "if: ${{ !cancelled() && "),
    "staging opens before it is set up": Mutant("deploy-staging", " && needs.publish.outputs.staging == 'true'", ""),
    "the load runs on pull requests": Mutant(
        "load-staging", "github.event_name == 'push' && ", "github.event_name == 'pull_request' || "
    ),
    "the load runs whatever happened": Mutant("load-staging", "    if: ${{", "    if: ${{ always() ||"),
    "the approval is skipped": Mutant("approve", "    if: ${{ github", "    if: ${{ false && github"),
    "develop reaches production": gitflow(
        "deploy-production",
        "github.ref == 'refs/heads/main'",
        "(github.ref == 'refs/heads/develop' || github.ref == 'refs/heads/main')",
    ),
    "develop is approved for production": gitflow(
        "approve",
        "github.ref == 'refs/heads/main'",
        "(github.ref == 'refs/heads/develop' || github.ref == 'refs/heads/main')",
    ),
    "develop does not reach staging": gitflow(
        "deploy-staging",
        "(github.ref == 'refs/heads/develop' || github.ref == 'refs/heads/main')",
        "github.ref == 'refs/heads/main'",
    ),
    # the approval itself
    "the approval looks at staging": Mutant("approve", "gate production main", "gate staging main"),
    "the approval lets every branch in": Mutant("approve", "gate production main", "gate production"),
    "the approval expects another branch": gitflow("approve", "gate production main", "gate production develop"),
    "a failed approval is overlooked": Mutant("approve", "gate production main", "gate production main || true"),
    "the approval answers by itself": Mutant(
        "approve", "production: ${{ steps.gate.outputs.production }}", "production: 'true'"
    ),
    "the approval knows nobody": Mutant("approve", "          RELEASE_APPROVERS: ${{ vars.RELEASE_APPROVERS }}\n", ""),
    "the approvers are anybody's": Mutant("approve", "${{ vars.RELEASE_APPROVERS }}", "${{ github.actor }}"),
    # locks
    "production has no lock": Mutant("deploy-production", LOCK, ""),
    "the lock is staging's": Mutant("deploy-production", "group: deploy-production", "group: deploy-staging"),
    "the lock is of this run alone": Mutant(
        "deploy-production", "group: deploy-production", 'group: "${{ github.run_id }}"'
    ),
    "the lock is on the approval": Mutant("approve", "    cache-mode: none\n", f"    cache-mode: none\n{LOCK}"),
    "a release is cut off": Mutant("deploy-production", "cancel-in-progress: false", "cancel-in-progress: true"),
    "a waiting release is dropped": Mutant("deploy-staging", ", queue: max", ""),
    "a rollback does not wait": rollback("rollback", 'group: "deploy-${{ inputs.environment }}"', "group: rollback"),
    "a rollback cuts a release off": rollback("rollback", "cancel-in-progress: false", "cancel-in-progress: true"),
    "a promotion does not wait": promote("group: deploy-production", "group: promote"),
    # environments
    "production has no environment": Mutant("deploy-production", ENVIRONMENT, ""),
    "production's environment is staging": Mutant("deploy-production", "{name: production,", "{name: staging,"),
    "production's environment is another name": Mutant("deploy-production", "{name: production,", "{name: prod,"),
    "the load has an environment": Mutant(
        "load-staging", "    cache-mode: none\n", f"    cache-mode: none\n{ENVIRONMENT}"
    ),
    "the page shows another address": Mutant(
        "deploy-production", 'url: "${{ steps.released.outputs.url }}"', "url: https://example.com"
    ),
    "a rollback is always production's": rollback(
        "rollback", '{name: "${{ inputs.environment }}"', "{name: production"
    ),
    # limits
    "production has no limit": Mutant("deploy-production", "    timeout-minutes: 90\n", ""),
    "a release takes the time of its undo": Mutant("deploy-staging", "timeout-minutes: 70", "timeout-minutes: 90"),
    "a release has no limit of its own": Mutant(
        "deploy-staging", "        timeout-minutes: 70 # the rest", "        # the rest"
    ),
    "the login ends before the release": Mutant("deploy-production", "seconds: 6000", "seconds: 900"),
    # rights
    "production may write to the repository": Mutant("deploy-production", "contents: read", "contents: write"),
    "production may change the pipeline": Mutant(
        "deploy-production", "      contents: read", "      actions: write\n      contents: read"
    ),
    "the load may log in": Mutant(
        "load-staging", "contents: read # the checkout\n", "contents: read\n      id-token: write\n"
    ),
    "the approval may log in": Mutant(
        "approve", "contents: read # the checkout\n", "contents: read\n      id-token: write\n"
    ),
    "the approval may not look": Mutant("approve", "      actions: read # how the environment is guarded\n", ""),
    "the token stays in the checkout": Mutant(
        "deploy-production", "persist-credentials: false", "persist-credentials: true"
    ),
    "a stored key releases": Mutant(
        "deploy-production",
        "role-to-assume: ${{ vars.AWS_ROLE_ARN }}",
        "aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}",
    ),
    # what is released
    "the artifact is a tag": Mutant("deploy-production", ARTIFACT, "ARTIFACT: registry.example.com/orders-api:latest"),
    "the artifact is the commit's tag": Mutant("deploy-production", ARTIFACT, "ARTIFACT: orders-api:${{ github.sha }}"),
    "the artifact comes from elsewhere": Mutant(
        "deploy-production", "needs.publish.outputs", "needs.deploy-staging.outputs"
    ),
    "staging's address comes from a setting": Mutant(
        "load-staging", "${{ needs.deploy-staging.outputs.url }}", "${{ vars.STAGING_URL }}"
    ),
    "the address is nobody's": Mutant("deploy-staging", "url: ${{ steps.released", "url: ${{ steps.release"),
    "production builds": Mutant("deploy-production", EXEC, EXEC.replace("exec ", 'deploy/build "$COMMIT" && exec ')),
    "production publishes": Mutant(
        "deploy-production", "      - id: release\n", '      - run: deploy/publish "$COMMIT"\n      - id: release\n'
    ),
    "production sets up a toolchain": Mutant(
        "deploy-production", "      # Exchanges", "      - uses: $/.github/actions/setup\n      # Exchanges"
    ),
    "a release takes a cache": Mutant("deploy-production", "    cache-mode: none\n", ""),
    "a release takes files of the run": Mutant(
        "deploy-production",
        "      # Exchanges",
        "      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1\n"
        "        with: {name: dist, path: dist}\n      # Exchanges",
    ),
    "the history is cut": Mutant("deploy-production", ", fetch-depth: 0}", "}"),
    "staging's command goes to production": Mutant("deploy-staging", "release staging", "release production"),
    "the load is another one": Mutant("load-staging", "run: scripts/load", "run: scripts/load --no-thresholds"),
    "a missed threshold is overlooked": Mutant("load-staging", "run: scripts/load", "run: scripts/load || true"),
    # how it ends
    "a signal does not reach the release": Mutant("deploy-production", "run: exec deploy/", "run: deploy/"),
    "a failed release counts as done": Mutant("deploy-production", EXEC, f"{EXEC} || true"),
    "nothing ends a killed release": Mutant(
        "deploy-production", f"{UNDO}        run: deploy/rollback production --unfinished\n", ""
    ),
    "a killed release is ended where nothing failed": Mutant(
        "deploy-production", UNDO, UNDO.replace("(failure() || cancelled())", "success()")
    ),
    "a cancelled release is not ended": Mutant(
        "deploy-production", UNDO, UNDO.replace("failure() || cancelled()", "failure()")
    ),
    "a failed release is not ended": Mutant(
        "deploy-production", UNDO, UNDO.replace("failure() || cancelled()", "cancelled()")
    ),
    "another environment is ended": Mutant("deploy-production", "rollback production --", "rollback staging --"),
    "a whole release is undone": Mutant("deploy-production", "production --unfinished", "production"),
    "nobody is told": Mutant("deploy-staging", 'released "$RUNNER_TEMP/event.json"', "released /dev/null"),
    "a failed release is not told": Mutant(
        "deploy-staging", "        if: ${{ !cancelled() && steps", "        if: ${{ success() && steps"
    ),
    # by hand
    "a push goes back": rollback("", "on:\n", "on:\n  push:\n"),
    "another environment can be named": rollback(
        "", "options: [staging, production]", "options: [staging, production, test]"
    ),
    "any text names the environment": rollback(
        "", "type: choice\n        options: [staging, production]", "type: string"
    ),
    "a rollback runs what nobody reviewed": rollback(
        "rollback", "if: ${{ github.ref != 'refs/heads/main' }}", "if: ${{ false }}"
    ),
    "text of a form becomes code": rollback("rollback", '${COMMIT:+"$COMMIT"}', "${{ inputs.commit }}"),
    "a rollback names no commit": rollback("rollback", ' ${COMMIT:+"$COMMIT"}', ""),
    "a killed rollback stays": rollback("rollback", '"$ENVIRONMENT" --unfinished', '"$ENVIRONMENT" --help'),
    "a rollback may do everything": rollback("", "permissions: {}", "permissions: write-all"),
    "anybody promotes": promote("        run: .github/scripts/promote production main\n", "        run: 'true'\n"),
    "a promotion asks what a push asks": promote("scripts/promote production main", "scripts/gate production main"),
    "a promotion from any branch": promote("if: ${{ github.ref != 'refs/heads/main' }}", "if: ${{ github.ref == '' }}"),
    "a promotion from another branch is green": promote('reviewed." && exit 1', 'reviewed."'),
    "a promotion builds": promote(
        'run: deploy/publish "$COMMIT"', 'run: deploy/build "$COMMIT" | deploy/publish "$COMMIT"'
    ),
    "a promotion of what somebody typed": promote(
        '"${{ steps.published.outputs.artifact }}"', '"${{ inputs.artifact }}"'
    ),
    "a promotion of the newest commit": Mutant(
        "", "COMMIT: ${{ inputs.commit }}", "COMMIT: ${{ github.sha }}", "promote"
    ),
    "a promotion starts by a timer": Mutant("", "on:\n", "on:\n  schedule: [{cron: '0 4 * * *'}]\n", "promote"),
}
