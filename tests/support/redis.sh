#!/bin/bash
# One private Redis for tests, demo and bench, on a unix socket, with the settings driftwatchd asks for.
#
#   redis.sh up DIR     start, wait until it answers; the socket is DIR/redis.sock
#   redis.sh kill DIR   kill -9            redis.sh start DIR   start again on the same data
#   redis.sh down DIR   stop in order      redis.sh run DIR     like start, in the foreground
set -euo pipefail

die() { echo "redis.sh: $*" >&2; exit 1; }

# DIR must be short: a unix socket's path holds 107 bytes.
run() {
  local dir=$1
  ((${#dir} <= 90)) || die "$dir is too long a path for a unix socket"
  exec redis-server --port 0 --unixsocket "$dir/redis.sock" --unixsocketperm 700 --dir "$dir" --appendonly yes \
    --appendfsync everysec --save '' --maxmemory-policy noeviction --daemonize no
}

# A process that died but was not yet collected by its parent counts as dead.
gone() { [[ ! -e /proc/$1/stat || $(<"/proc/$1/stat") == *") Z "* ]] 2>/dev/null; }
alive() { [[ -s $1/pid ]] && ! gone "$(<"$1/pid")"; }

kill_hard() {
  local pid
  pid=$(<"$1/pid")
  kill -9 "$pid"
  until gone "$pid"; do sleep 0.02; done
  rm -f "$1/pid"
}

start() {
  local dir=$1
  mkdir -p "$dir"
  alive "$dir" && die "already running in $dir"
  rm -f "$dir/redis.sock"
  (run "$dir") >> "$dir/log" 2>&1 < /dev/null &
  echo $! > "$dir/pid"
  disown
  for _ in {1..200}; do
    if [[ $(redis-cli -s "$dir/redis.sock" ping 2>/dev/null) == PONG ]]; then return; fi
    alive "$dir" || die "redis-server in $dir ended at start: $(tail -3 "$dir/log")"
    sleep 0.05
  done
  die "redis-server in $dir did not answer within 10 s: $(tail -3 "$dir/log")"
}

down() {
  local dir=$1 pid
  [[ -s $dir/pid ]] || return 0
  pid=$(<"$dir/pid")
  kill "$pid" 2>/dev/null || true
  for _ in {1..100}; do
    gone "$pid" && break
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$dir/pid"
}

(($# == 2)) || { sed -n '2,6p' "${BASH_SOURCE[0]}" >&2; exit 2; }
dir=$(realpath -m "$2")
case $1 in
  up | start) start "$dir" ;;
  run) run "$dir" ;;
  kill) kill_hard "$dir" ;;
  down) down "$dir" ;;
  *) die "unknown verb $1" ;;
esac
