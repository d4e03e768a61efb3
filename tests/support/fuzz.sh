#!/bin/bash
# fuzz.sh BUILD [TARGET [RUNS]]: the fuzz targets of a build with DW_FUZZ, each so many runs from its corpus, bounded by runs and
# not by time, with a fixed seed. What crashes one is kept in BUILD/fuzz-found. Last line: "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
only=${2:-}
default_runs=${3:-}

passed=0 failed=0
mkdir -p "$build/fuzz-found"
for source in tests/fuzz/fuzz_*.c; do
  name=${source##*/fuzz_}
  name=${name%.c}
  [[ -z $only || $only == "$name" ]] || continue
  case $name in
    policy | settings) runs=3000 length=6000 ;; # a YAML text is slow to load
    *) runs=20000 length=4096 ;;
  esac
  runs=${default_runs:-$runs}
  found=$(mktemp -d)
  log=$build/fuzz-$name.log
  if "$build/tests/fuzz_$name" -runs="$runs" -seed=1 -max_len="$length" -timeout=20 -rss_limit_mb=1024 \
    -artifact_prefix="$build/fuzz-found/$name-" "$found" "tests/fuzz/corpus/$name" > "$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok    fuzz_%-12s %6d runs, %s\n' "$name" "$runs" "$(grep -o 'cov: [0-9]*' "$log" | tail -1)"
  else
    failed=$((failed + 1))
    printf 'FAIL  fuzz_%s: see %s\n' "$name" "$log"
    tail -40 "$log" | sed 's/^/      /'
  fi
  rm -rf "$found"
done
echo "$passed passed, $failed failed, 0 skipped"
((failed == 0 && passed > 0))
