#!/bin/sh
# The pipeline without the lock table: a stack of its own for each build, removed at the end.
set -eu
STACK_NAME=hello-$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
export STACK_NAME
trap 'curl -fsS --noproxy "*" -X DELETE "$CLOUD/stacks/$STACK_NAME" >/dev/null' EXIT
"$(dirname "$0")/deploy-and-test.sh"
