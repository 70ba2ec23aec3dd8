# shellcheck shell=bash
# The artifact is a container image for 64-bit Intel and AMD machines, known by its digest.

. deploy/registry.sh

artifact_kind() { echo image; }
artifact_file() { echo dist/image.tar; }
artifact_parts() { echo registry; }

# make_artifact FILES COMMIT TARGET
make_artifact() {
  local files=$1 commit=$2 target=$3 engine
  engine=$(container_engine)
  # Attestations would make a list of images of it, which some runtimes refuse. Podman's own format has no health check.
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 BUILDAH_FORMAT=docker "$engine" build --platform linux/amd64 \
    --build-arg COMMIT="$commit" --label org.opencontainers.image.revision="$commit" \
    --tag "$SERVICE:$commit" "$files" >&2
  "$engine" save --output "$target" "$SERVICE:$commit" >&2
}

open_store() {
  find_registry
}

# published_artifact COMMIT: its address by digest, or nothing.
published_artifact() {
  registry_image "$1" | jq --raw-output --arg registry "$REGISTRY" '"\($registry)@\(.digest)"'
}

# publish_artifact FILE COMMIT
publish_artifact() {
  local file=$1 commit=$2 engine built stored
  engine=$(container_engine)
  doing "loading the image"
  "$engine" load --input "$file" >&2
  "$engine" tag "$SERVICE:$commit" "$REGISTRY:$commit"
  doing "logging in to the registry"
  registry_login "$engine"
  doing "pushing the image"
  "$engine" push "$REGISTRY:$commit" >&2
  "$engine" logout "${REGISTRY%%/*}" >&2
  say_step pushed "$REGISTRY:${commit:0:7}"

  doing "comparing the image in the registry with the one that was built"
  built=$(image_digest "$file")
  stored=$(registry_image "$commit" | jq --raw-output .config)
  [[ $stored == "$built" ]] || fail "$built was built, but the registry has ${stored:-nothing}" "find out who else pushes to $REGISTRY"
  say_step compared "the registry has what was built"
}

# image_digest FILE: the digest of the image's configuration, which names every layer by its content.
image_digest() {
  local config
  config=$(tar -xOf "$1" manifest.json | jq --raw-output '.[0].Config')
  config=${config##*/}
  echo "sha256:${config%.json}"
}

container_engine() {
  local engine
  for engine in docker podman; do
    if "$engine" info >/dev/null 2>&1; then
      echo "$engine"
      return
    fi
  done
  refuse "an image needs Docker or Podman, and neither answers here" "start one of them, or leave the build to the pipeline"
}
