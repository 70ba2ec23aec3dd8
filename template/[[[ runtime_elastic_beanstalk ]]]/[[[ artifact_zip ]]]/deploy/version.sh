# shellcheck shell=bash
# A version is the bundle that deploy/publish has stored; its label is its commit.

need_version_tools() { :; }

# is_artifact WORD COMMIT
is_artifact() {
  [[ $1 == "$2" ]]
}

# make_version ARTIFACT COMMIT
make_version() {
  give_up "there is no version ${2:0:7}; deploy/publish stores it"
}
