#!/bin/sh
# What both pipelines do on a stack: bring this code to it, and run the BDD tests against it.
set -eu
cd "$(dirname "$0")/.."
STACK_URL=$(ci/deploy.sh)
[ -n "$STACK_URL" ] || exit 1 # the deploy has said why
export STACK_URL
echo "$STACK_NAME is at $STACK_URL"
node_modules/.bin/cucumber-js
