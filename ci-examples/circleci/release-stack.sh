#!/bin/sh
# Gives a stack back: the one named, or the one that ./get-stack.sh or ./ci-bdd.sh left in their file.
#   ./release-stack.sh [NAME]
# With no name and no file there is nothing to do, so it can always run last.
# Ends with 0, 64 (a setting is wrong), 69 (no useful answer), 77 (not allowed).
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lock-table.sh
. "$here/lock-table.sh"

recall_stack
[ $# -eq 0 ] || [ "$1" = "$stack" ] || { stack=$1 fencing_token=''; }
[ -n "$stack" ] || { say 'no stack to release'; exit 0; }
prepare || exit
release_stack || exit
forget_stack
