# shellcheck shell=bash disable=SC2034
# needs.sh: what the verbs of ./run need, and how to get it. Sourced by ./run.

# PACKAGE, or COMMAND=PACKAGE when any provider of the command will do.
build_packages=(gcc libc6-dev cmake ninja-build pkg-config protobuf-compiler protobuf-c-compiler libprotobuf-c-dev
  libprotobuf-dev uuid-dev libyaml-dev libjansson-dev libssl-dev libevent-dev librdkafka-dev libhiredis-dev
  libsystemd-dev libxxhash-dev uthash-dev scdoc)
test_packages=(ccache check libsubunit-dev python3 tzdata) # the oracle reads London's clock changes
server_packages=(redis-server kcat curl procps python3 python3-venv)
kafka_packages=(java=openjdk-17-jre-headless mvn=maven)
box_packages=(systemd systemd-sysv dbus iproute2 util-linux)
fuzz_packages=(clang-14 libclang-rt-14-dev)
coverage_packages=(clang-14 libclang-rt-14-dev llvm-14)
mutation_packages=(libclang1-14 libclang-common-14-dev python3-clang-14)
lint_packages=(git clang-format-14 clang-tidy-14 cppcheck shellcheck npm=npm systemd)

kafka_version=3.9.1
buf_version=1.75.0

say() { echo "== $*"; }

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    echo "run: '$*' needs root, and there is no sudo" >&2
    return 1
  fi
}

is_missing() {
  case $1 in
    *=*) ! command -v "${1%%=*}" > /dev/null ;;
    *) [[ $(dpkg-query -W -f='${Status}' "$1" 2> /dev/null) != "install ok installed" ]] ;;
  esac
}

# Installs the packages that are missing and says so. Their services are not started: a policy-rc.d that forbids it is
# put in place for the while, unless the machine has one of its own.
need_packages() {
  local missing=() need policy=/usr/sbin/policy-rc.d placed=0 status=0
  for need in "$@"; do
    if is_missing "$need"; then missing+=("${need#*=}"); fi
  done
  ((${#missing[@]} > 0)) || return 0
  command -v apt-get > /dev/null || { echo "run: please install: ${missing[*]}" >&2; return 1; }
  say "installing Debian packages: ${missing[*]}"
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
    placed=1
  fi
  apt_install "${missing[@]}" || status=$?
  if ((placed)); then as_root rm -f "$policy"; fi
  return "$status"
}

# The lists may be missing or older than the archive: then update them once and try again.
apt_install() {
  local log
  log=$(mktemp)
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@")
  if ! as_root "${install[@]}" > "$log" 2>&1; then
    if ! { as_root apt-get update -q && as_root "${install[@]}"; } > "$log" 2>&1; then
      tail -20 "$log" >&2
      rm -f "$log"
      return 1
    fi
  fi
  rm -f "$log"
}

# The jars of a Kafka server, into .cache/kafka/VERSION; a half-finished download leaves nothing there.
need_kafka() {
  local dir=.cache/kafka/$kafka_version
  need_packages "${kafka_packages[@]}"
  [[ ! -d $dir ]] || return 0
  say "fetching Apache Kafka $kafka_version"
  rm -rf "$dir.part"
  mvn -q -B -Dstyle.color=never -f tests/support/kafka-pom.xml -Dkafka.version=$kafka_version dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$PWD/$dir.part"
  mv "$dir.part" "$dir"
}

# Debian's Python in .cache/venv with the pinned packages of requirements.txt; made anew when that file changes.
need_venv() {
  local python=/usr/bin/python3 wanted stamp=.cache/venv/requirements.sum
  [[ -x $python ]] || python=python3
  wanted=$(sha256sum < tests/support/requirements.txt)
  if [[ -e $stamp && $(< "$stamp") == "$wanted" ]]; then return 0; fi
  say "making the Python environment for tests (.cache/venv)"
  rm -rf .cache/venv
  mkdir -p .cache
  "$python" -m venv .cache/venv
  .cache/venv/bin/pip install -q --disable-pip-version-check -r tests/support/requirements.txt
  echo "$wanted" > "$stamp"
}

# A real systemd in a box needs these, and root.
need_box() { need_packages "${box_packages[@]}"; }

# buf's binary is inside the npm package of the platform; no script of it is run.
need_buf() {
  local platform=x64 dir=.cache/buf-$buf_version
  [[ $(uname -m) != aarch64 ]] || platform=aarch64
  [[ ! -e $dir/buf ]] || return 0
  say "fetching buf $buf_version"
  rm -rf "$dir"
  mkdir -p "$dir"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" "@bufbuild/buf-linux-$platform@$buf_version" > /dev/null
  ln -s "node_modules/@bufbuild/buf-linux-$platform/bin/buf" "$dir/buf"
}
