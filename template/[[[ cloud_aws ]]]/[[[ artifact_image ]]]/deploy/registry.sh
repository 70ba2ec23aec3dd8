# shellcheck shell=bash
# The registry of images in AWS: one repository for this service, whose tags never move.

# find_registry: sets REGISTRY, the address of this service's images.
find_registry() {
  doing "asking for the registry of $SERVICE, which deploy/setup makes"
  REGISTRY=$(aws_call ecr describe-repositories --repository-names "$SERVICE" --query 'repositories[0].repositoryUri' --output text)
}

# registry_login ENGINE
registry_login() {
  aws_call ecr get-login-password | "$1" login --username AWS --password-stdin "${REGISTRY%%/*}" >&2
}

# registry_image TAG: {"digest", "config"} of the image with this tag, or nothing.
registry_image() {
  aws_call ecr batch-get-image --repository-name "$SERVICE" --image-ids imageTag="$1" --output json \
    --accepted-media-types application/vnd.oci.image.manifest.v1+json application/vnd.docker.distribution.manifest.v2+json |
    jq --compact-output '.images[] | {digest: .imageId.imageDigest, config: (.imageManifest | fromjson | .config.digest)}'
}

state_registry() {
  stack_state registry "registry of images $SERVICE"
}

ensure_registry() {
  apply_stack registry
}

registry_costs() {
  echo "the registry: stored gigabytes, and what is pulled out of the region"
}
