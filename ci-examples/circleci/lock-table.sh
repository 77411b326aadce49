# shellcheck shell=sh
# The lock table's calls, for the scripts beside this file, which read it in. POSIX sh and curl, with the
# small tools that every image with sh has (sed, tr, od, date, sleep, mktemp).
#
# It takes BDD_LOCK_ENDPOINT, BDD_LOCK_AUTH_TOKEN and REPO_NAME from the environment; ../README.md lists
# what else can be set. Only the four endpoints of the original are needed; where GET /v1/stacks is there
# too, it makes the release safe to repeat.
#
# Results are in variables, because a command substitution would lose what was claimed when a signal comes:
#   stack           the stack that this job has, or empty
#   fencing_token   the number of its claim, or empty where the server has none
#   stopped         128 + the signal that asked the job to end, or empty
set -u

stack=''
fencing_token=''
stopped=''

say() { printf 'bdd-lock: %s\n' "$*" >&2; }

# One of: 64 a setting is wrong, 69 no useful answer, 75 none in time, 77 not allowed. As bdd-lock itself.
give_up() {
  give_up_status=$1
  shift
  say "$*"
  return "$give_up_status"
}

prepare() {
  for needed in BDD_LOCK_ENDPOINT BDD_LOCK_AUTH_TOKEN REPO_NAME; do
    eval "value=\${$needed:-}"
    [ -n "$value" ] || { give_up 64 "$needed is not set: save it in the environment of your CI"; return; }
  done
  command -v curl >/dev/null || { give_up 64 'curl is not in this image'; return; }
  endpoint=${BDD_LOCK_ENDPOINT%/}
  wait_seconds=${BDD_LOCK_WAIT_SECONDS:-1800}
  create_after=${BDD_LOCK_CREATE_AFTER_SECONDS:-0}
  tries=${BDD_LOCK_TRIES:-8}
  call_seconds=${BDD_LOCK_CALL_SECONDS:-30}
  backoff_ms=${BDD_LOCK_BACKOFF_MS:-500}
  backoff_max_ms=${BDD_LOCK_BACKOFF_MAX_MS:-15000}
  grace_seconds=${BDD_LOCK_GRACE_SECONDS:-4}
  for number in "$wait_seconds" "$tries" "$call_seconds" "$backoff_ms" "$backoff_max_ms" "$grace_seconds"; do
    case $number in
      *[!0-9]* | 0?*) give_up 64 "a BDD_LOCK_ setting is not a whole number: $number"; return ;;
    esac
  done
  case $create_after in
    never) ;;
    '' | *[!0-9]*) give_up 64 'BDD_LOCK_CREATE_AFTER_SECONDS is a number of seconds or "never"'; return ;;
  esac
  sleeps_fractions=''
  ! sleep 0.001 2>/dev/null || sleeps_fractions=1
  scratch=$(mktemp -d) || { give_up 64 'mktemp -d does not work'; return; }
  trap 'rm -rf "$scratch"' EXIT
  trap 'on_signal 129' HUP
  trap 'on_signal 130' INT
  trap 'on_signal 143' TERM
}

# A signal is noted, and ends the command that is running (ci-bdd.sh), and nothing else: whoever holds a
# stack looks at $stopped and releases it first. The command is ended here and not where its wait returns,
# because a signal that comes just before a wait does not interrupt it.
child=''
on_signal() {
  stopped=$1
  [ -z "$child" ] || end_command
}

# call METHOD PATH [JSON]: sets $status (000: no answer), $sent (empty: the request surely did not arrive),
# $retry_after (seconds, or empty) and the file $scratch/body. Always returns 0.
call() {
  : >"$scratch/head"
  : >"$scratch/body"
  call_method=$1
  call_url=$endpoint$2
  case $call_method in
    POST) set -- -H 'Content-Type: application/json' --data-binary "$3" ;;
    PUT) set -- --data-binary '' ;; # says that there is no body, to servers that wait for one
    *) set -- ;;
  esac
  # The token goes in by a pipe, so that no list of processes shows it. A signal to the whole group must
  # not end curl between a grant and its answer, so curl does not see it.
  curl_status=0
  status=$(
    trap '' HUP INT TERM
    printf 'Authorization: %s\n' "$BDD_LOCK_AUTH_TOKEN" |
      curl -sS -X "$call_method" --max-time "$call_seconds" -H @- "$@" \
        -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "$call_url"
  ) || curl_status=$?
  case $curl_status in
    0) sent=1 ;;
    5 | 6 | 7) status=000 sent='' ;; # the proxy or host was not found, or nobody listens
    *) status=000 sent=1 ;;
  esac
  retry_after=$(tr -d '\r' <"$scratch/head" |
    sed -n 's/^[Rr][Ee][Tt][Rr][Yy]-[Aa][Ff][Tt][Ee][Rr]:[[:space:]]*\([0-9]\{1,4\}\)[[:space:]]*$/\1/p' |
    tail -n 1)
}

body_text() { tr '\n' ' ' <"$scratch/body" | cut -c 1-300; }

# The stacks' names in the body, one a line. Names that JSON writes with a backslash (quotes, backslashes,
# letters beyond ASCII) are left out: this script does not lend them.
names_in_body() {
  # The body ends without a newline, and then the last name would, too.
  { cat "$scratch/body" && echo; } | sed 's/"stackName"[[:space:]]*:[[:space:]]*"/\
@/g' | sed -n 's/^@\([^"\\]*\)".*/\1/p'
}

# Text as a part of a path: each byte in hexadecimal, unless none of them needs it.
encoded() {
  case $1 in
    *[!A-Za-z0-9._~-]*) printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g' ;;
    *) printf %s "$1" ;;
  esac
}

quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/["\\]/\\&/g')"; }

# A random number of three bytes.
random() { od -An -N3 -tu4 /dev/urandom | tr -d ' \n'; }
random_suffix() { od -An -N5 -tx1 /dev/urandom | tr -d ' \n'; }

now() { date +%s; }

# Sleeps, but no longer than until a signal comes, unless that is for a release, which takes its time even
# then. In slices of a second at most: a long sleep in the background could not be ended with certainty, since
# a signal can come just before the wait for it, or before the new process hears signals.
pause_ms() {
  pause_left=$1
  while [ "$pause_left" -gt 0 ]; do
    [ -z "$stopped" ] || [ -n "$stack" ] || return 0
    if [ "$pause_left" -ge 1000 ] || [ -z "$sleeps_fractions" ]; then
      sleep 1
    else
      sleep "0.$(printf %03d "$pause_left")"
    fi
    pause_left=$((pause_left - 1000))
  done
}

# back_off N: the Nth pause of a row: twice as long each time, up to the limit, and half of it by chance, so
# that jobs that met once do not meet again.
back_off() {
  back_off_ms=$backoff_ms
  back_off_left=$1
  while [ "$back_off_left" -gt 1 ] && [ "$back_off_ms" -lt "$backoff_max_ms" ]; do
    back_off_ms=$((back_off_ms * 2))
    back_off_left=$((back_off_left - 1))
  done
  [ "$back_off_ms" -le "$backoff_max_ms" ] || back_off_ms=$backoff_max_ms
  pause_ms $((back_off_ms / 2 + $(random) % (back_off_ms / 2 + 1)))
}

# After a 503 or 429: as long as the server asks for (a minute at most), else the back-off.
wait_as_told() {
  if [ -n "$retry_after" ]; then
    [ "$retry_after" -le 60 ] || retry_after=60
    # A little more for each by chance: all were told the same time.
    pause_ms $((retry_after * 1000 + $(random) % 500))
  else
    back_off "$1"
  fi
}

not_allowed() {
  if [ "$status" = 401 ]; then
    give_up 77 'the server got no token (401): is BDD_LOCK_AUTH_TOKEN set in this job?'
  else
    give_up 77 "the server refuses the token (403): compare BDD_LOCK_AUTH_TOKEN with the server's, and" \
      'BDD_LOCK_ENDPOINT with its root (API Gateway answers 403 for an unknown path, too)'
  fi
}

# What is to be done about $status, where it is no answer to the question: 0 try again (it has waited), or
# the status to end with. $troubles counts the useless answers in a row.
after_trouble() {
  case $status in
    401 | 403) not_allowed; return ;;
    000 | 429 | 5??) ;;
    *) give_up 69 "an answer that was not expected: $status $(body_text)"; return ;;
  esac
  troubles=$((troubles + 1))
  [ "$troubles" -lt "$tries" ] ||
    { give_up 69 "no useful answer from $endpoint in $tries tries; the last was $status"; return; }
  say "no useful answer ($status) to $1; trying again"
  case $status in
    503 | 429) wait_as_told "$troubles" ;;
    *) back_off "$troubles" ;;
  esac
}

# The number of the claim that was just granted, from servers that keep one.
read_fencing_token() {
  call GET "/v1/stacks/$(encoded "$1")"
  fencing_token=''
  [ "$status" != 200 ] || fencing_token=$(body_fencing_token)
}
body_fencing_token() {
  sed -n 's/.*"fencingToken"[[:space:]]*:[[:space:]]*\([0-9]\{1,18\}\).*/\1/p' "$scratch/body"
}

took() {
  stack=$1
  read_fencing_token "$1"
}

# claim_one_of_list: tries the names in $scratch/names in turn. 0: $stack is set. 1: all were taken. Else
# the status to end with.
claim_one_of_list() {
  while IFS= read -r name <&3; do
    [ -z "$stopped" ] || return 1
    call PUT "/claim-stack/$(encoded "$name")"
    case $status in
      200) took "$name"; return 0 ;;
      400) say "$name was taken by another job" ;;
      # With no answer the claim may stand or not, and nobody can say whose it is: another stack, then. The
      # server's sweep frees this one.
      *) after_trouble "claiming $name" || return ;;
    esac
  done 3<"$scratch/names"
  return 1
}

# create_one: a new entry that is this job's from the start. 0: $stack is set. 1: to be tried again. Else
# the status to end with.
create_one() {
  name=$name_prefix$(random_suffix)
  call POST /create-stack \
    "{\"stackName\": $(quoted "$name"), \"repoName\": $(quoted "$REPO_NAME"), \"isAvailable\": false}"
  case $status in
    200)
      say "created $name"
      took "$name"
      ;;
    400)
      # Never the other's stack: a name that is there already is somebody else's.
      case $(body_text) in
        *'already exists'*) say "$name exists already: another name, then" ;;
        *) give_up 64 "the server does not take $name: $(body_text)"; return ;;
      esac
      clashes=$((clashes + 1))
      [ "$clashes" -lt "$tries" ] || { give_up 69 "$clashes new names existed already"; return; }
      return 1
      ;;
    *)
      after_trouble "creating $name" || return
      return 1
      ;;
  esac
}

may_create() { [ "$create_after" != never ] && [ $(($(now) - began)) -ge "$create_after" ]; }

# CloudFormation's rule for names: a letter, then letters, digits and hyphens, 128 at most.
default_prefix() {
  printf %s "$REPO_NAME" | tr -c 'A-Za-z0-9-' '-' | sed 's/^[^A-Za-z]*//; s/^$/stack/' | cut -c 1-100 |
    tr -d '\n'
  printf -- -
}

# get_stack: claims a free stack of REPO_NAME or creates an entry for a new one. 0: $stack is this job's.
get_stack() {
  began=$(now)
  troubles=0
  clashes=0
  rounds=0
  name_prefix=${BDD_LOCK_NAME_PREFIX:-$(default_prefix)}
  while :; do
    result=0
    call GET "/get-available/$(encoded "$REPO_NAME")"
    if [ "$status" = 200 ]; then
      troubles=0
      names_in_body >"$scratch/names"
      if [ -s "$scratch/names" ]; then
        claim_one_of_list || result=$?
      elif may_create; then
        create_one || result=$?
      else
        result=1
      fi
      [ "$result" -eq 0 ] && return 0
      [ "$result" -eq 1 ] || return "$result"
    else
      after_trouble 'the question what is free' || return
    fi
    [ -z "$stopped" ] || return "$stopped"
    [ $(($(now) - began)) -lt "$wait_seconds" ] ||
      { give_up 75 "no stack of $REPO_NAME was free within $wait_seconds s"; return; }
    rounds=$((rounds + 1))
    case $status in 200 | 400) back_off "$rounds" ;; esac # after trouble it has waited already
    [ -z "$stopped" ] || return "$stopped"
  done
}

# Whether $stack still has this job's claim, after a release without an answer. 0: yes. 1: no, it was
# released. 2: nobody can tell.
still_ours() {
  if [ -n "$fencing_token" ]; then
    call GET "/v1/stacks/$(encoded "$stack")"
    [ "$status" = 200 ] || return 2
    [ "$(body_fencing_token)" = "$fencing_token" ] || return 1
    grep -q '"state"[[:space:]]*:[[:space:]]*"claimed"' "$scratch/body" || return 1
    return 0
  fi
  call GET "/get-available/$(encoded "$REPO_NAME")"
  [ "$status" = 200 ] || return 2
  if names_in_body | grep -qxF -e "$stack"; then return 1; fi
  return 2
}

# release_stack: gives $stack back, with tries and back-off. The original's release asks for no owner, so a
# release whose answer was lost is repeated only when the claim is known to be still this job's: else the
# repeat could free the stack under the next job. What stays claimed by that is freed by the server's sweep.
release_stack() {
  [ -n "$stack" ] || return 0
  doubtful=''
  release_try=0
  while [ "$release_try" -lt "$tries" ]; do
    release_try=$((release_try + 1))
    if [ -n "$doubtful" ]; then
      ours=0
      still_ours || ours=$?
      case $ours in
        1) status=200 ;;
        2) back_off "$release_try"; continue ;;
        *) doubtful='' ;;
      esac
    fi
    [ -n "$doubtful" ] || call PUT "/release-stack/$(encoded "$stack")"
    case $status in
      200)
        say "released $stack"
        stack=''
        return 0
        ;;
      400)
        say "$stack was free already: $(body_text)"
        stack=''
        return 0
        ;;
      401 | 403) not_allowed; return ;;
      429) wait_as_told "$release_try" ;;
      503)
        doubtful=$sent
        wait_as_told "$release_try"
        ;;
      *)
        doubtful=$sent
        back_off "$release_try"
        ;;
    esac
    say "no useful answer ($status) to the release of $stack; trying again"
  done
  give_up 69 "$stack could not be released; the server's sweep will free it. By hand:" \
    "curl -X PUT -H \"Authorization: \$BDD_LOCK_AUTH_TOKEN\" $endpoint/release-stack/$(encoded "$stack")"
}

# The stack that a job has, for its later steps: name and number in a file.
stack_file=${BDD_LOCK_FILE:-.bdd-lock-stack}
keep_stack() { (umask 077 && printf '%s\n%s\n' "$stack" "$fencing_token" >"$stack_file"); }
recall_stack() {
  [ -f "$stack_file" ] || return 0
  { IFS= read -r stack && IFS= read -r fencing_token; } <"$stack_file" || true
}
forget_stack() { rm -f "$stack_file"; }
