#!/bin/bash
# unit.sh BUILD [PATTERN]: runs the unit and property programs of a build directory, two at a time, and counts check's
# tests, not programs. Last line: "N passed, N failed, N skipped". DW_LEAVE_OUT: programs that are not part of it (a regular
# expression; `./run test quick`). CK_FORK=no: the tests of a program share its process, which saves most of the time.
set -euo pipefail
build=$(realpath "$1")
pattern=${2:-}

# One program: its output is shown only when something failed. Prints "PASSED FAILED" to its result file.
run_one() {
  local program=$1 out=$2/${1##*/} status=0 checks failures errors start=${EPOCHREALTIME/./} millis
  local asan=detect_stack_use_after_return=1:strict_string_checks=1
  # hiredis 0.14 looks for a line's end in bytes that have no NUL behind them
  case $program in */check_daemon_*) asan=detect_stack_use_after_return=1 ;; esac
  # its tests do not leave their process as they found it
  case $program in */check_cli_scenarios) unset CK_FORK ;; esac
  # %m tells programs apart by the sizes of what they count only: programs of one shape would spoil each other's counters
  [[ -z ${LLVM_PROFILE_FILE:-} ]] || export LLVM_PROFILE_FILE=${LLVM_PROFILE_FILE%/*}/${program##*/}-${LLVM_PROFILE_FILE##*/}
  ASAN_OPTIONS=$asan timeout 300 "$program" > "$out.log" 2>&1 < /dev/null || status=$?
  millis=$(((${EPOCHREALTIME/./} - start) / 1000))
  if [[ $(< "$out.log") =~ Checks:\ ([0-9]+),\ Failures:\ ([0-9]+),\ Errors:\ ([0-9]+) ]]; then
    checks=${BASH_REMATCH[1]} failures=${BASH_REMATCH[2]} errors=${BASH_REMATCH[3]}
  elif [[ ${CK_FORK:-} == no && $program == */check_* ]]; then # a test took the summary with it: who knows what ran
    checks=1 failures=1 errors=0
  else # no summary: a program with a verdict only, or one that died
    checks=1 failures=$((status != 0)) errors=0
  fi
  failures=$((failures + errors))
  if ((status != 0 && failures == 0)); then failures=1 checks=$((checks + 1)); fi
  echo "$((checks - failures)) $failures" > "$out.result"
  if ((failures == 0)); then
    printf 'ok    %-40s %4d tests %7d ms\n' "${program##*/}" "$checks" "$millis"
  else
    printf 'FAIL  %-40s %4d of %d, exit %d\n' "${program##*/}" "$failures" "$checks" "$status"
    grep -v ':P:' "$out.log" | tail -40 | sed 's/^/      /'
  fi
}
export -f run_one

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# check's own limit is 4 s a test, which a sanitized property suite on a busy machine can pass without being wrong
export CK_DEFAULT_TIMEOUT=${CK_DEFAULT_TIMEOUT:-120}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

# shellcheck disable=SC2016 # the inner shell expands them
awk -v out="${DW_LEAVE_OUT:-}" 'out == "" || $0 !~ out' "$build/tests/programs.txt" | grep -e "$pattern" |
  xargs -r -P 2 -I{} bash -c 'run_one "$1" "$2"' _ {} "$results"
shopt -s nullglob
read -r passed failed < <(cat /dev/null "$results"/*.result | awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
echo "$passed passed, $failed failed, 0 skipped"
((failed == 0 && passed > 0))
