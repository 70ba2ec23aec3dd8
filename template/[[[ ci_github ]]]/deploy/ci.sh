# shellcheck shell=bash
# The pipeline runs on GitHub Actions: who signs its tokens, whom they name, and where it finds its variables.

token_issuer() {
  echo token.actions.githubusercontent.com
}

# trusted_subjects: one a line. Repositories made since July 2026 name themselves with ids, older ones without, and a
# renamed one changes over; the name alone would trust whoever registers it after you, the ids alone no older repository.
trusted_subjects() {
  local with_ids="${GITHUB_REPOSITORY%%/*}@$GITHUB_REPOSITORY_OWNER_ID/${GITHUB_REPOSITORY#*/}@$GITHUB_REPOSITORY_ID" branch
  for branch in $RELEASE_BRANCHES; do
    printf '%s\n' "repo:$GITHUB_REPOSITORY:ref:refs/heads/$branch" "repo:$with_ids:ref:refs/heads/$branch"
  done
}

# find_repository: sets GITHUB_REPOSITORY, GITHUB_REPOSITORY_ID and GITHUB_REPOSITORY_OWNER_ID, unless they are given.
find_repository() {
  local asked
  if [[ -z ${GITHUB_REPOSITORY:-} || -z ${GITHUB_REPOSITORY_ID:-} || -z ${GITHUB_REPOSITORY_OWNER_ID:-} ]]; then
    command -v gh >/dev/null || refuse "the repository is unknown, and there is no gh to ask" \
      "install gh and log in, or export GITHUB_REPOSITORY=OWNER/NAME, GITHUB_REPOSITORY_ID and GITHUB_REPOSITORY_OWNER_ID; https://api.github.com/repos/OWNER/NAME shows the ids"
    doing "asking GitHub for the ids of the repository"
    asked=$(gh api 'repos/{owner}/{repo}' --jq '"\(.full_name) \(.id) \(.owner.id)"')
    read -r GITHUB_REPOSITORY GITHUB_REPOSITORY_ID GITHUB_REPOSITORY_OWNER_ID <<<"$asked"
  fi
  [[ "$GITHUB_REPOSITORY $GITHUB_REPOSITORY_ID $GITHUB_REPOSITORY_OWNER_ID" =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+\ [0-9]+\ [0-9]+$ ]] ||
    refuse "\"$GITHUB_REPOSITORY\", \"$GITHUB_REPOSITORY_ID\", \"$GITHUB_REPOSITORY_OWNER_ID\" name no repository" \
      "give OWNER/NAME, the id of the repository and the id of its owner, as GitHub's API shows them"
}

# remember NAME VALUE: the command that gives the pipeline a variable.
remember() {
  echo "gh variable set $1 --repo $GITHUB_REPOSITORY --body $2"
}
