#!/bin/bash
# demo.sh: a simulated authority's last weeks through a real daemon, and what it raises. `./run demo` builds first.
#
#   demo.sh [--seed N] [--children N] [--days N] [--kafka] [--keep]
#
# --seed changes the story. --kafka: a real broker instead of librdkafka's mock. --keep: leave it running and say how to
# publish and look. Everything lives in one temporary directory and is stopped and removed at the end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=${DW_BUILD:-$root/build}
defaults=$root/config/default

seed=1 children=24 days=84 kafka=no keep=no
usage() { sed -n '4,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
while (($# > 0)); do
  case $1 in
    --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
    --seed | --children | --days)
      [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || usage
      printf -v "${1#--}" '%s' "$2"
      shift 2
      ;;
    --kafka) kafka=yes; shift ;;
    --keep) keep=yes; shift ;;
    *) usage ;;
  esac
done

# From a Monday up to today: an append time in the future would hold the daemon.
to=$(TZ=Europe/London date +%F)
from=$(date -u -d "$to - $days days" +%F)
from=$(date -u -d "$from - $(($(date -u -d "$from" +%u) - 1)) days" +%F)

weeks=$((($(date -u -d "$to" +%s) - $(date -u -d "$from" +%s) + 604799) / 604800)) # the last may be shorter

dir=$(mktemp -d "${TMPDIR:-/tmp}/dw-demo.XXXXXX")
daemon='' mock=''

finish() {
  local status=$?
  trap - EXIT INT TERM
  trap "" PIPE # nobody may be reading any more
  set +e
  if [[ -n $daemon ]]; then kill "$daemon" 2> /dev/null; wait "$daemon" 2> /dev/null; fi
  if [[ $kafka == yes ]]; then "$here/kafka.sh" down "$dir/kafka" 2> /dev/null; fi
  if [[ -n $mock ]]; then kill "$mock" 2> /dev/null; wait "$mock" 2> /dev/null; fi
  "$here/redis.sh" down "$dir/redis" 2> /dev/null
  if ((status != 0)) && [[ -s $dir/driftwatchd.log ]]; then
    echo "demo: it failed; the daemon's last words:" >&2
    tail -n 15 "$dir/driftwatchd.log" >&2
  fi
  rm -rf "$dir"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- servers
start_broker() {
  if [[ $kafka == yes ]]; then
    "$here/kafka.sh" up "$dir/kafka"
    broker=$(< "$dir/kafka/bootstrap")
    return
  fi
  mkfifo "$dir/mock.in"
  "$build/dw_mock_broker" casework.events:4 driftwatch.alerts:4 driftwatch.deadletter:4 \
    < "$dir/mock.in" > "$dir/mock.out" 2> "$dir/mock.log" &
  mock=$!
  exec 9> "$dir/mock.in" # held open: the broker lives until it closes
  for _ in {1..100}; do
    broker=$(head -n 1 "$dir/mock.out")
    [[ -z $broker ]] || return 0
    sleep 0.05
  done
  echo "demo: the broker did not start" >&2
  return 1
}

# --- an authority: its reporting line and the settings of its driftwatch
line() { # TEAM POSTS SERVICE
  printf '  - team: %s\n    social_worker: %s-social-worker\n    team_manager: %s-team-manager\n' "$1" "$2" "$2"
  printf '    service_manager: %s-service-manager\n' "$3"
}

write_settings() {
  {
    printf 'default:\n  social_worker: duty-social-worker\n  team_manager: duty-team-manager\n'
    printf '  service_manager: duty-service-manager\n  assistant_director: assistant-director\n'
    printf '  director: director-of-childrens-services\nlines:\n'
    line front-door-01 front-door access
    line assessment-01 assessment access
    line safeguarding-01 safeguarding families
    line disabilities-01 disabilities families
    line looked-after-01 looked-after care
    line fostering-01 fostering care
    line care-leavers-01 care-leavers care
  } > "$dir/organisation.yaml"
  # Nothing is raised while the open cases are loaded; a day later, what is still overdue opens once.
  local cut_over
  cut_over=$(date -u -d "$from + 1 day" +%F)
  cat > "$dir/driftwatch.yaml" << END
clock: create_time # the story brings its own times
kafka:
  brokers: "$broker"
  partitions: 4
redis: {address: "unix:$dir/redis/redis.sock"}
policy:
  standards: $defaults/standards.yaml
  bank_holidays: $defaults/bank-holidays.json
  organisation: organisation.yaml
  cut_over: "$cut_over"
auth: {key_file: $dir/dw-auth}
http: {listen: "unix:$dir/http.sock"}
log: {format: text}
END
}

echo "A simulated authority of about $children open cases, its last $weeks weeks, seed $seed."
echo "Events go to $([[ $kafka == yes ]] && echo 'a real Kafka' || echo 'a mock Kafka'), driftwatchd keeps its state in Redis," \
  "every alert below is read back from driftwatch.alerts."
"$here/redis.sh" up "$dir/redis"
broker=''
start_broker
write_settings
(umask 077; od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$dir/dw-auth")
if [[ $kafka == yes ]]; then
  "$build/driftwatchd" --config "$dir/driftwatch.yaml" --setup > "$dir/setup.log" 2>&1 || { cat "$dir/setup.log" >&2; exit 1; }
fi
"$build/driftwatchd" --config "$dir/driftwatch.yaml" > "$dir/driftwatchd.log" 2>&1 9>&- &
daemon=$!

# --- the story
"$build/dw_demo_player" --config "$dir/driftwatch.yaml" --seed "$seed" --children "$children" --from "$from" --to "$to" \
  --pick "$dir/pick" 9>&-

tool() { "$build/driftwatch" --config "$dir/driftwatch.yaml" "$@" 9>&-; }
if [[ -s $dir/pick ]]; then
  alert=$(< "$dir/pick")
  printf '\nWhy is it there? driftwatch explain %s\n\n' "${alert:0:8}"
  tool explain "$alert"
fi

if [[ $keep == yes ]]; then
  cat << END

It stays up until you press Ctrl-C. In another shell:
  export DRIFTWATCH_CONFIG=$dir/driftwatch.yaml PATH=$build:\$PATH
  driftwatch alerts --priority 1          what is urgent
  driftwatch alerts --follow              every transition as it comes
  driftwatch ack ALERT --reason WORKER_SICK --review-by DATE --ref NOTE-1
  driftwatch child 999/C1000001           facts, duties, alerts of one child
  driftwatch status                       shards, lag, clock, holds
  driftwatch generate --la 998 --days 7 --children 5 > week.jsonl; driftwatch publish week.jsonl
END
  wait "$daemon"
fi
