#!/bin/sh
# Options, and what is no command, are arguments of node.
set -e

case $1 in
  -*) set -- node "$@" ;;
  *) command -v "$1" >/dev/null || set -- node "$@" ;;
esac
exec "$@"
