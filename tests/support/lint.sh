#!/bin/bash
# lint.sh BUILD [CHECK...]: every static check, each by name; all run even when one fails. `./run lint` calls it with a
# configured build directory. Checks: format tidy cppcheck schema shell units
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
build=$1
shift
buf=$(echo .cache/buf-*/buf)

c_files() { git ls-files --cached --others --exclude-standard -- '*.c' '*.h'; }
our_sources() { c_files | grep '\.c$'; }

check_format() {
  local file status=0
  while read -r file; do
    clang-format-14 --dry-run -Werror "$file" 2> /dev/null || { status=1; echo "clang-format-14 -i $file"; }
  done < <(c_files)
  return "$status"
}

# Two at a time, one file each: the slowest file bounds the end, not the slowest half.
check_tidy() {
  our_sources | while read -r file; do
    grep -q "\"file\": \".*/$file\"" "$build/compile_commands.json" && echo "$file"
  done | xargs -r -P "$(nproc)" -n 1 clang-tidy-14 --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-string-conversion 2>&1 |
    grep -v -E '^[0-9]+ warnings? (generated|treated)|^Suppressed |^Use -header-filter'
  return "${PIPESTATUS[3]}"
}

check_cppcheck() {
  our_sources | grep -v '^tests/' | xargs -r cppcheck -q -j "$(nproc)" --std=c11 \
    --enable=warning,portability,performance --inline-suppr --error-exitcode=1 \
    --suppressions-list=tests/support/cppcheck.txt --library=posix -I. -D_GNU_SOURCE
}

# A published schema may grow, never change: compared with the main branch as others have it, else as it is here.
check_schema() {
  local base="" ref
  "$buf" lint proto || return 1
  for ref in origin/main main; do
    if git cat-file -e "$ref:proto/driftwatch" 2> /dev/null; then base=$ref; break; fi
  done
  if [[ -z $base ]]; then
    echo "SKIPPED: no branch main with a schema to compare with"
    return 0
  fi
  echo "compared with $base ($(git rev-parse --short "$base"))"
  "$buf" breaking proto --against ".git#ref=$(git rev-parse "$base"),subdir=proto"
}

check_shell() {
  { echo run; echo .ci/run; git ls-files --cached --others --exclude-standard -- '*.sh' tests/support/sdbox; } |
    sort -u | xargs shellcheck -x
}

# verify wants the program where the unit says it is, so it is shown a copy that names an existing one.
check_units() {
  local dir status=0
  dir=$(mktemp -d)
  sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' systemd/driftwatchd.service > "$dir/driftwatchd.service"
  systemd-analyze verify --man=no "$dir/driftwatchd.service" || status=1
  systemd-analyze security --offline=true --threshold=15 systemd/driftwatchd.service > "$dir/security" ||
    { status=1; cat "$dir/security"; }
  tail -1 "$dir/security"
  rm -rf "$dir"
  return "$status"
}

(($# > 0)) || set -- format tidy cppcheck schema shell units
failed=()
for check in "$@"; do
  echo "== $check"
  "check_$check" || failed+=("$check")
done
if ((${#failed[@]} > 0)); then
  echo "lint: failed: ${failed[*]}"
  exit 1
fi
echo "lint: all good"
