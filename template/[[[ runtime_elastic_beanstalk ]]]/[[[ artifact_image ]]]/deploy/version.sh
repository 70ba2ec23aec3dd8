# shellcheck shell=bash
# A version of an image is a small bundle that names it by its digest and carries what the machine around it needs.

need_version_tools() {
  need_tool zip "a version is one"
}

# is_artifact WORD COMMIT
is_artifact() {
  [[ $1 =~ ^[a-z0-9.:/_-]+@sha256:[0-9a-f]{64}$ ]]
}

# make_version ARTIFACT COMMIT
make_version() {
  local artifact=$1 commit=$2
  doing "packing the version"
  work=$(mktemp -d)
  cp -R deploy/bundle "$work/files"
  jq --null-input --arg image "$artifact" '{
    AWSEBDockerrunVersion: "1",
    Image: {Name: $image, Update: "true"},
    Ports: [{ContainerPort: 8080}],
    Volumes: [{HostDirectory: "/var/app/current/certificates", ContainerDirectory: "/certificates"}]
  }' >"$work/files/Dockerrun.aws.json"
  echo "$artifact" >"$work/files/image"
  pack "$work/files" "$work/version.zip" .
  find_versions
  store_version "$work/version.zip" "$commit" "$artifact"
}

clean_up() {
  rm -rf "${work:-}"
}
