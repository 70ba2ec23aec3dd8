"""Workflows that are wrong in one place: what to replace in the right one of ``artifact: zip``, and by what."""

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
LOGIN = "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c # v6.2.3"
RELEASE = "github.event_name == 'push' && github.ref == 'refs/heads/main' && vars.AWS_ROLE_ARN != ''"
IMAGE = "postgres:18.4-trixie@sha256:3a82e1f56c8f0f5616a11103ac3d47e632c3938698946a7ad26da0df1334744a"

MUTANTS: dict[str, tuple[str, str]] = {
    # order
    "publish does not wait for the verdict": ("needs: [ci-ok, build]", "needs: [build]"),
    "the verdict overlooks the secret scan": ("audit, secrets, build]", "audit, build]"),
    "a check waits for another": ("    name: unit\n", "    name: unit\n    needs: [lint]\n"),
    "the verdict comes from failed checks too": ('all(. == "success")', 'all(. != "failure")'),
    "the verdict is skipped with a failed check": ("    if: ${{ always() }}", "    # none"),
    "a check is gone": ("\n  audit:\n    name: audit\n", "\n  licences:\n    name: licences\n"),
    "a check has another name": ("    name: unit\n", "    name: unit tests\n"),
    # gate
    "the gate looks at the branch alone": ("github.event_name == 'push' && github.ref", "github.ref"),
    "the gate looks at the event alone": (" && github.ref == 'refs/heads/main'", ""),
    "the gate is not a pull request": (RELEASE, "github.event_name != 'pull_request' && vars.AWS_ROLE_ARN != ''"),
    "the gate holds for a branch that begins alike": (
        "github.ref == 'refs/heads/main'",
        "startsWith(github.ref, 'refs/heads/main')",
    ),
    "the gate opens after a failure": (RELEASE, f"always() && {RELEASE}"),
    "the gate does not ask for the cloud": (" && vars.AWS_ROLE_ARN != ''", ""),
    "the gate asks for another variable": ("vars.AWS_ROLE_ARN != ''", "vars.AWS_REGION != ''"),
    "every branch releases": ("    branches:\n      - main\n", ""),
    "another branch releases": ("      - main\n", "      - main\n      - hotfix\n"),
    "pull requests of forks get the secrets": ("  pull_request:\n", "  pull_request_target:\n"),
    "pull requests are not checked": ("  pull_request:\n", ""),
    "anybody can start it": ("  pull_request:\n", "  pull_request:\n  workflow_dispatch:\n"),
    # limits and locks
    "a job has no limit": ("    timeout-minutes: 15\n", ""),
    "a job has six hours": ("timeout-minutes: 15", "timeout-minutes: 360"),
    "two publish at once": ("{group: publish,", '{group: "publish-${{ github.run_id }}",'),
    "a waiting publish is dropped": (", queue: max}", "}"),
    "a publish is cut off": ("cancel-in-progress: false", "cancel-in-progress: true"),
    "runs of a release branch are cut off": (
        "cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
        "cancel-in-progress: true",
    ),
    "the lock is on the build": ("    timeout-minutes: 20\n", "    timeout-minutes: 20\n    concurrency: publish\n"),
    # rights
    "every job may do everything": ("permissions: {}", "permissions: write-all"),
    "a check may write": ("contents: read", "contents: write"),
    "a check may log in": ("contents: read # the checkout\n", "contents: read\n      id-token: write\n"),
    "publish may not log in": ("      id-token: write # lets the cloud see which repository and branch asks\n", ""),
    "the token stays in the checkout": ("persist-credentials: false", "persist-credentials: true"),
    "a secret goes to the tests": (
        "      - run: npm run test:unit\n",
        "      - run: npm run test:unit\n        env: {KEY: '${{ secrets.KEY }}'}\n",
    ),
    "another account is accepted": ("          allowed-account-ids: ${{ vars.AWS_ACCOUNT_ID }}\n", ""),
    "a stored key logs in": (
        "          role-to-assume: ${{ vars.AWS_ROLE_ARN }}\n",
        "          aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}\n",
    ),
    # caches and artifacts
    "the build takes a cache": ("    cache-mode: none # what ships", "    cache-mode: read # what ships"),
    "publish takes a cache": ("    timeout-minutes: 15\n    cache-mode: none\n", "    timeout-minutes: 15\n"),
    "the build's toolchain takes a cache": ('cache: "false"}', 'cache: "true"}'),
    "publish builds": (
        '        run: deploy/publish "$COMMIT"',
        '        run: deploy/build && deploy/publish "$COMMIT"',
    ),
    "publish sets up a toolchain": (
        "      - uses: actions/download-artifact",
        "      - uses: $/.github/actions/setup\n      - uses: actions/download-artifact",
    ),
    "publish takes what another job left": (
        "{name: dist, path: dist}",
        "{name: reports-unit, path: dist}",
    ),
    "the artifact is not kept": ("if-no-files-found: error", "if-no-files-found: ignore"),
    "pull requests keep artifacts": (
        "      - if: ${{ github.event_name == 'push' }} # a pull",
        "      - if: ${{ always() }} # a pull",
    ),
    # what runs
    "a failing test is overlooked": ("run: npm run test:unit", "run: npm run test:unit || true"),
    "a failing job is overlooked": ("    name: lint\n", "    name: lint\n    continue-on-error: true\n"),
    "a failing step is overlooked": (
        "      - run: npm run lint\n",
        "      - run: npm run lint\n        continue-on-error: true\n",
    ),
    "a failure inside a pipe is overlooked": ("    shell: bash #", "    shell: sh #"),
    "text of a pull request becomes code": ("run: npm run lint", "run: npm run lint -- ${{ github.head_ref }}"),
    "the command reads text of a pull request": (
        "COMMIT: ${{ github.sha }}",
        "COMMIT: ${{ github.event.pull_request.title }}",
    ),
    "the database is gone": ("    services:\n      postgres:\n", "    x-services:\n      postgres:\n"),
    "nobody waits for the database": ("        options: --health-cmd", "        options: --label"),
    "the tests find another database": ("DB_NAME: app", "DB_NAME: production"),
    "the database is open to the network": ('"127.0.0.1:5432:5432"', '"5432:5432"'),
    "the history is cut": ("fetch-depth: 0}", "fetch-depth: 1}"),
    "secrets are shown": (" --redact", ""),
    "reports are lost with a red test": (
        "      - if: ${{ !cancelled() }}\n        run: .github/scripts/report.py unit",
        "      - run: .github/scripts/report.py unit",
    ),
    # what others change
    "the runner changes": ("runs-on: ubuntu-24.04", "runs-on: ubuntu-latest"),
    "an action follows a tag": (f"uses: {CHECKOUT}", "uses: actions/checkout@v7"),
    "an action hides its version": (f"uses: {CHECKOUT}", f"uses: {CHECKOUT.partition(' #')[0]}"),
    "an action is another one": (f"uses: {LOGIN}", f"uses: {LOGIN.replace('e6de05', 'bad000')}"),
    "an image follows a tag": (f"image: {IMAGE}", "image: postgres:18"),
}
