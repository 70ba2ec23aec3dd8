# shellcheck shell=bash
# Packing: the same files give the same bytes, whoever packs them and when.

# pack FOLDER TARGET PATH...: the paths of a folder as a zip. One order, one time, one set of permissions. Links stay out, as
# package managers make them for command lines and not every unzip keeps them.
pack() {
  local folder=$1 target=$2
  shift 2
  cd "$folder" || return
  chmod -R u=rwX,go=rX .
  find . -exec env TZ=UTC touch -h -t 198001010000 {} +
  find "$@" -type f | LC_ALL=C sort | TZ=UTC zip --quiet -X --names-stdin "$target"
  cd "$OLDPWD" || return
}
