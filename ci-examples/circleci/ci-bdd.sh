#!/bin/sh
# A whole CI job on a lent stack: claim or create, deploy, test, release; whatever happens in between, the
# stack is given back.
#   ./ci-bdd.sh DEPLOY TEST
# DEPLOY and TEST are shell commands; they get the stack's name in STACK_NAME and BDD_STACK_NAME. After a
# failed deploy there is no test. Ends with the deploy's status if it failed, else with the tests'; with
# 128 + n after signal n; with 64, 69, 75 or 77 as ./get-stack.sh does if there was no stack.
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=lock-table.sh
. "$here/lock-table.sh"

[ $# -eq 2 ] || { say 'usage: ci-bdd.sh DEPLOY TEST, each a shell command'; exit 64; }
prepare || exit

# run COMMAND: in a process group of its own where setsid is there, so that nothing of it can go on using
# the stack once it was released. Sets $result.
run() {
  told=''
  grace_left=$((grace_seconds * 10))
  group=''
  if command -v setsid >/dev/null; then
    group=-
    setsid sh -c "$1" <&3 &
  else
    sh -c "$1" <&3 &
  fi
  child=$!
  [ -z "$stopped" ] || end_command # the signal came when $child was not known yet
  result=0
  wait "$child" || result=$?
  [ -n "$stopped" ] || end_command
  child=''
  [ -z "$stopped" ] || result=$stopped
}

# Ends the command and what it has left behind, and returns when nothing of it lives: SIGTERM, and SIGKILL
# after the grace. SIGTERM once only: a second one would end the programs by which the command cleans up
# after the first. The process may be there before its group is, as long as setsid has not begun, and then
# it is the group that is waited for. What is there a second after SIGKILL is dead and nobody has reaped it.
# (The shell reaps the command itself while it waits for the sleep.)
end_command() {
  while kill -0 "$child" 2>/dev/null || kill -0 "$group$child" 2>/dev/null; do
    if [ -z "$told" ] && kill -TERM "$group$child" 2>/dev/null; then told=1; fi
    [ "$grace_left" -gt 0 ] || kill -KILL "$child" "$group$child" 2>/dev/null || true
    [ "$grace_left" -gt -10 ] || return 0
    if [ "$sleeps_fractions" ]; then
      sleep 0.1
      grace_left=$((grace_left - 1))
    else
      sleep 1
      grace_left=$((grace_left - 10))
    fi
  done
}

# The commands read what this script was given to read; a background command would get nothing.
exec 3<&0

if get_stack; then result=0; else exit $?; fi
keep_stack
say "this job has $stack"
export STACK_NAME="$stack" BDD_STACK_NAME="$stack"

[ -n "$stopped" ] || run "$1"
if [ -n "$stopped" ]; then
  result=$stopped
elif [ "$result" -ne 0 ]; then
  say "the deploy failed with $result; there will be no test"
else
  run "$2"
fi

# Nothing but the stack's name is lost by a second signal now.
trap '' HUP INT TERM
if release_stack; then forget_stack; fi
exit "$result"
