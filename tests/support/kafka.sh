#!/bin/bash
# One real Apache Kafka node for tests, demo and bench: broker and controller in one process on 127.0.0.1.
#
#   kafka.sh up DIR        start on free ports, wait until it answers; DIR/bootstrap then holds the address
#   kafka.sh kill DIR      kill -9            kafka.sh start DIR   start again: same ports, same data
#   kafka.sh down DIR      stop in order      kafka.sh run DIR     like start, in the foreground, no waiting
#   kafka.sh prepare DIR   only write DIR's files (new ports when called again before the first start)
#
# The jars are in DW_KAFKA_LIBS (default .cache/kafka/3.9.1, filled by ./run). Data stays in DIR. DW_KAFKA_JVM replaces the
# JVM options: the default starts fast on little memory and never optimises; figures need a broker as people run it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=${DW_KAFKA_LIBS:-$here/../../.cache/kafka/3.9.1}
wait_s=${DW_KAFKA_WAIT_S:-60}

die() { echo "kafka.sh: $*" >&2; exit 1; }

in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port nobody listens on, below the range the kernel gives to outgoing connections.
free_port() {
  local port
  for _ in {1..200}; do
    port=$((15000 + (RANDOM * 32768 + RANDOM) % 17000))
    if [[ $port != "${1:-}" ]] && ! in_use "$port"; then echo "$port"; return; fi
  done
  die "no free port found"
}

prepare() {
  local dir=$1 port controller
  mkdir -p "$dir/data" "$dir/tmp"
  port=$(free_port)
  controller=$(free_port "$port")
  # Indexes are made at their full size, 10 MiB each by default, and mapped: with hundreds of partitions the kernel spends more
  # on zeroing what it reads ahead of their ends than the broker on all else.
  cat > "$dir/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$dir/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=1048577
log.index.size.max.bytes=131072
num.network.threads=2
num.io.threads=2
END
  # Sound on 3.9.1 and saves the JVM start of StorageTool; on 4.x this would leave feature levels unset.
  printf '%s\n' version=1 cluster.id=MkU3OEVBNTcwNTJENDM2Qg node.id=1 > "$dir/data/meta.properties"
  printf '%s\n' log4j.rootLogger=WARN,o log4j.appender.o=org.apache.log4j.ConsoleAppender \
    log4j.appender.o.layout=org.apache.log4j.PatternLayout 'log4j.appender.o.layout.ConversionPattern=%d %p %m%n' \
    > "$dir/log4j.properties"
  echo "127.0.0.1:$port" > "$dir/bootstrap"
}

# Replaces this shell by the server, so that its process id is the server's.
run() {
  local dir=$1
  [[ -d $libs ]] || die "no Kafka jars in $libs: ./run test fetches them"
  local -a jvm
  read -ra jvm <<< "${DW_KAFKA_JVM:--Xms256m -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC}"
  exec java "${jvm[@]}" -Djava.io.tmpdir="$dir/tmp" \
    -Dlog4j.configuration="file:$dir/log4j.properties" -cp "$libs/*" kafka.Kafka "$dir/server.properties"
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
  local dir=$1 end=$((SECONDS + wait_s))
  alive "$dir" && die "already running in $dir"
  # DIR's own copy of this script's "run" branch: a subshell that becomes the server, out of our job control.
  (run "$dir") >> "$dir/log" 2>&1 < /dev/null &
  echo $! > "$dir/pid"
  disown
  until timeout 3 kcat -b "$(<"$dir/bootstrap")" -L -m 2 2>/dev/null | grep -q ' 1 brokers'; do
    alive "$dir" || return 1
    ((SECONDS < end)) || die "Kafka in $dir did not answer within $wait_s s: $(tail -3 "$dir/log")"
    sleep 0.2
  done
}

# A port can be taken between choosing and binding: then choose again.
up() {
  local dir=$1
  for _ in 1 2 3; do
    prepare "$dir"
    start "$dir" && return
    grep -q 'Address already in use' "$dir/log" || break
    rm -rf "$dir/data"
  done
  die "Kafka in $dir ended at start: $(tail -5 "$dir/log")"
}

down() {
  local dir=$1 pid end=$((SECONDS + 20))
  [[ -s $dir/pid ]] || return 0
  pid=$(<"$dir/pid")
  kill "$pid" 2>/dev/null || true
  until gone "$pid"; do
    if ((SECONDS >= end)); then kill -9 "$pid" 2>/dev/null || true; fi
    sleep 0.1
  done
  rm -f "$dir/pid"
}

(($# == 2)) || { sed -n '2,10p' "${BASH_SOURCE[0]}" >&2; exit 2; }
dir=$(realpath -m "$2")
case $1 in
  up) up "$dir" ;;
  prepare) prepare "$dir" ;;
  start) start "$dir" || die "Kafka in $dir ended at start: $(tail -5 "$dir/log")" ;;
  run) run "$dir" ;;
  kill) kill_hard "$dir" ;;
  down) down "$dir" ;;
  *) die "unknown verb $1" ;;
esac
