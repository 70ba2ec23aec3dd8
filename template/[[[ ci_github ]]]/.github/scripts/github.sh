# shellcheck shell=bash
# What gate and promote share: asking GitHub, how an environment is guarded, and telling people what is missing.

shopt -s inherit_errexit
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# ask PATH [QUERY...]: STATUS is 200, or 404 for what is not there; `field` reads the answer. Anything else ends the job.
ask() {
  local path=$1 query=()
  shift
  [[ $# -eq 0 ]] || query=(--get)
  while [[ $# -gt 0 ]]; do
    query+=(--data-urlencode "$1")
    shift
  done
  # The token comes by a file: what stands on a command line can be read by every process of the machine.
  STATUS=$(curl --silent --show-error --max-time 30 --retry 3 --output "$answer" --write-out '%{http_code}' "${query[@]}" \
    --header @<(printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN") --header 'Accept: application/vnd.github+json' \
    --header 'X-GitHub-Api-Version: 2022-11-28' "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$path") || STATUS=000
  [[ $STATUS != 422 ]] || STATUS=404 # its word for a commit that is not there
  [[ $STATUS =~ ^(200|404)$ ]] || refuse "GitHub answered $STATUS when it was asked for $path; run this job again."
}

# field FILTER: from the last answer.
field() {
  jq --raw-output "$1" "$answer"
}

# tell SENTENCE [COMMAND...]: to the log and to the summary page of the run.
tell() {
  local sentence=$1
  shift
  printf '%s\n' "$sentence" | tee -a "$GITHUB_STEP_SUMMARY" >&2
  [[ $# -gt 0 ]] || return 0
  printf '  %s\n' "$@" >&2
  printf '%s\n' '' '```sh' "$@" '```' >>"$GITHUB_STEP_SUMMARY"
}

# refuse SENTENCE [COMMAND...]
refuse() {
  tell "$@"
  exit 10
}

# approvers: the logins in RELEASE_APPROVERS, one a line, in small letters, as GitHub does not tell letters apart.
approvers() {
  tr ',[:upper:]' ' [:lower:]' <<<"${RELEASE_APPROVERS:-}" | xargs -n 1
}

# find_environment NAME BRANCH: STATUS is 404 where it is not set up.
find_environment() {
  ENVIRONMENT=$1
  export BRANCH=$2
  ask "environments/$ENVIRONMENT"
  settings=$(<"$answer")
}

# reviewers: how many GitHub asks before a job enters the environment.
reviewers() {
  jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]] | length' <<<"$settings"
}

# need_guards: only BRANCH may get in, and somebody has to agree. Else it refuses, with the commands that mend it.
need_guards() {
  local text commands names
  text=$(branch_commands)
  readarray -t commands <<<"$text"
  [[ -z $text ]] || refuse "$ENVIRONMENT is open: a release has to come from the branch $BRANCH and no other. This closes it:" "${commands[@]}"
  names=$(approvers)
  [[ $(reviewers) -gt 0 || -n $names ]] || refuse "Nobody would be asked before a release to $ENVIRONMENT. Name a reviewer:" \
    "$(settings_command)" "# or, where GitHub's plan has no reviewers, those who may start promote.yml:" \
    "gh variable set RELEASE_APPROVERS --repo $GITHUB_REPOSITORY --body 'LOGIN LOGIN'"
}

# branch_commands: what is to be done so that BRANCH gets in alone; nothing where it is so.
branch_commands() {
  local api="repos/$GITHUB_REPOSITORY/environments/$ENVIRONMENT" id
  local add="gh api --method POST $api/deployment-branch-policies -f name=$BRANCH -f type=branch"
  if [[ $(jq .deployment_branch_policy.custom_branch_policies <<<"$settings") != true ]]; then
    printf '%s\n' "$(settings_command)" "$add"
    return
  fi
  ask "environments/$ENVIRONMENT/deployment-branch-policies" per_page=100
  for id in $(field '.branch_policies[] | select(.name != env.BRANCH or (.type // "branch") != "branch") | .id'); do
    echo "gh api --method DELETE $api/deployment-branch-policies/$id"
  done
  [[ -n $(field '.branch_policies[] | select(.name == env.BRANCH and (.type // "branch") == "branch")') ]] || echo "$add"
}

# settings_command: keeps the settings that are there. One call sets them all, and what it does not name is gone.
settings_command() {
  jq --raw-output --arg api "repos/$GITHUB_REPOSITORY/environments/$ENVIRONMENT" --arg approvers "$(approvers)" '
    def rules(type): [.protection_rules[]? | select(.type == type)];
    def reviewer(type; id): " -F \u0027reviewers[][type]=\(type)\u0027 -F \(id)";
    "gh api --method PUT \($api)"
    + (rules("wait_timer") | map(" -F wait_timer=\(.wait_timer)") | add // "")
    + (rules("required_reviewers") | map(" -F prevent_self_review=\(.prevent_self_review)") | add // "")
    + (rules("required_reviewers") | map(.reviewers[] | reviewer(.type; "\u0027reviewers[][id]=\(.reviewer.id)\u0027")) | add
      // if $approvers == "" then reviewer("User"; "\"reviewers[][id]=$(gh api users/LOGIN --jq .id)\"") else "" end)
    + " -F \u0027deployment_branch_policy[protected_branches]=false\u0027"
    + " -F \u0027deployment_branch_policy[custom_branch_policies]=true\u0027"
  ' <<<"$settings"
}
