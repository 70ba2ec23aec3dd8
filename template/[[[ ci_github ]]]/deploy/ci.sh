# shellcheck shell=bash
# The pipeline runs on GitHub Actions: who signs its tokens, whom they name, and where it finds its variables.

token_issuer() {
  echo token.actions.githubusercontent.com
}

# trusted_subjects [ENVIRONMENT]: jobs on the release branches, or jobs of that environment, one a line. Repositories made
# since July 2026 name themselves with ids, older ones without, and a renamed one changes over; the name alone would trust
# whoever registers it after you, the ids alone no older repository.
trusted_subjects() {
  local with_ids="${GITHUB_REPOSITORY%%/*}@$GITHUB_REPOSITORY_OWNER_ID/${GITHUB_REPOSITORY#*/}@$GITHUB_REPOSITORY_ID" branch
  if [[ -n ${1:-} ]]; then
    printf '%s\n' "repo:$GITHUB_REPOSITORY:environment:$1" "repo:$with_ids:environment:$1"
    return
  fi
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

# remember NAME VALUE [ENVIRONMENT]: the command that gives the pipeline a variable, or its environment one that hides it.
remember() {
  echo "gh variable set $1 --repo $GITHUB_REPOSITORY${3:+ --env $3} --body $2"
}

# gate_branches: which branches may release to the environment. Whatever runs there may take its role, so no other branch
# may: the cloud trusts the environment, and GitHub decides who gets in.
gate_branches() {
  if [[ $ENVIRONMENT == production ]]; then echo "${RELEASE_BRANCHES##* }"; else echo "$RELEASE_BRANCHES"; fi
}

# gate_commands: those that make the environment, to be pasted. Production asks for a review by the team that owns the
# service or, where there is no such team, by the one who pastes.
gate_commands() {
  local gate="repos/$GITHUB_REPOSITORY/environments/$ENVIRONMENT" reviewers="" branch
  if [[ $ENVIRONMENT == production ]]; then
    echo "reviewer=\$(gh api orgs/${GITHUB_REPOSITORY%%/*}/teams/$OWNER --jq '\"Team \\(.id)\"' 2>/dev/null) || reviewer=\$(gh api user --jq '\"User \\(.id)\"')"
    reviewers=" -F \"reviewers[][type]=\${reviewer% *}\" -F \"reviewers[][id]=\${reviewer#* }\""
  fi
  echo "gh api --silent --method PUT $gate -F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true'$reviewers"
  for branch in $(gate_branches); do
    echo "gh api --silent --method POST $gate/deployment-branch-policies -f name=$branch"
  done
}

# gate_in_words: the same for people without gh.
gate_in_words() {
  local branches review=""
  branches=$(gate_branches)
  [[ $ENVIRONMENT != production ]] || review=", require a review by those who decide"
  echo "Settings > Environments > New environment \"$ENVIRONMENT\": allow only ${branches// / and }$review, and add the variable"
}

# gate_removal: the command that removes it.
gate_removal() {
  echo "gh api --method DELETE 'repos/{owner}/{repo}/environments/$ENVIRONMENT'"
}
