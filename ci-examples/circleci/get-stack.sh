#!/bin/sh
# Claims a free stack of REPO_NAME, or creates an entry for a new one, and prints its name:
#   STACK_NAME=$(./get-stack.sh) || exit
# For jobs made of several steps; ./ci-bdd.sh is the whole job in one. The name is also kept in a file
# (BDD_LOCK_FILE, default .bdd-lock-stack), where ./release-stack.sh finds it.
# Ends with 0, 64 (a setting is wrong), 69 (no useful answer), 75 (none in time), 77 (not allowed).
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lock-table.sh
. "$here/lock-table.sh"

prepare || exit
get_stack || exit
if [ -n "$stopped" ]; then
  release_stack
  exit "$stopped"
fi
keep_stack
printf '%s\n' "$stack"
