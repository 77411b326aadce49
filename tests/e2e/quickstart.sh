#!/usr/bin/env bash
# The README's quick start, run by test_quickstart.py beside a server that ./run has started. What stands
# between the marks is in the README word for word (tools/tidy.py compares them).
set -euo pipefail

# quickstart begins
export BDD_LOCK_ENDPOINT=http://127.0.0.1:8080
export BDD_LOCK_AUTH_TOKEN=$(cat data/token)
export REPO_NAME=paymentService
export PATH=$PWD/build/release:$PATH

bdd-lock create testStack2192
bdd-lock claim
bdd-lock list
bdd-lock release testStack2192

curl -w '\n' -H "Authorization: $BDD_LOCK_AUTH_TOKEN" $BDD_LOCK_ENDPOINT/get-available/paymentService

bdd-lock run -- sh -c 'echo "deploy and test on $STACK_NAME"'
# quickstart ends
