# shellcheck shell=bash
# words.sh: the words that each verb of ./run takes. Sourced by ./run, which asks before anything is installed or built.

wrong() {
  echo "run: $*" >&2
  help_of "$verb" >&2
  exit 2
}

check_value() { # NAME KIND VALUE; KIND is number, FROM-TO, text, or a|b|c
  case $2 in
    [0-9]*-[0-9]*)
      [[ $3 =~ ^[0-9]{1,9}$ ]] && ((10#$3 >= ${2%-*} && 10#$3 <= ${2#*-})) || wrong "$1 takes a number from ${2/-/ to }"
      ;;
    text) [[ -n $3 ]] || wrong "$1 needs something behind it" ;;
    number) [[ $3 =~ ^[0-9]{1,9}$ ]] || wrong "$1 takes a number" ;;
    *) [[ "|$2|" == *"|$3|"* ]] || wrong "$1 takes one of ${2//|/, }" ;;
  esac
}

# take OPTIONS KIND MAX WORD...: the options are known (--name, or --name=KIND), and there are at most MAX words else, each of
# which is_KIND.
take() {
  local options=$1 kind=$2 max=$3 option name found
  shift 3
  while (($# > 0)); do
    if [[ $1 != -* ]]; then
      ((max-- > 0)) || wrong "'$1' is one word too many"
      "is_$kind" "$1" || wrong "'$1' is no $kind"
      shift
      continue
    fi
    name=${1%%=*} found=''
    for option in $options; do
      if [[ $name == "${option%%=*}" ]]; then found=$option; fi
    done
    [[ -n $found ]] || wrong "there is no option $1"
    if [[ $found != *=* ]]; then
      [[ $1 != *=* ]] || wrong "$name takes no value"
    elif [[ $1 == *=* ]]; then
      check_value "$name" "${found#*=}" "${1#*=}"
    else
      check_value "$name" "${found#*=}" "${2:-}"
      shift
    fi
    shift
  done
}

is_word() { true; }
is_pattern() { true; }
is_file() { [[ -e $1 ]]; }
is_check() { grep -q "^check_$1()" tests/support/lint.sh; }
is_target() { [[ -e tests/fuzz/fuzz_$1.c ]]; }
is_test() {
  [[ $1 =~ ^[a-z0-9_]+$ ]] || return 1
  [[ -e tests/integration/test_$1.py || -e tests/integration/$1.py ]] || grep -q "^def $1(env" tests/integration/test_*.py
}

oracle_options="--seeds=number --first=number --seed=number --failures=number --theme=text --log=text"
campaign_options="--target=number --state=text --first=number --seed=number --workers=number --failures=number
  --statistics --unlinked"

test_words() {
  local what=${1:-all}
  (($# == 0)) || shift
  case $what in
    all | examples | snapshot) take "" word 0 "$@" ;;
    quick | unit) take "" pattern 1 "$@" ;;
    scenarios) take "--policy=text --junit=text --coverage --min=number --rule=text --verbose --config=text --json" file 999 "$@" ;;
    oracle) take "$oracle_options" word 0 "$@" ;;
    campaign) take "$campaign_options" word 0 "$@" ;;
    fuzz)
      (($# < 2)) || check_value "fuzz $1" number "$2"
      take "" word 2 "$@"
      (($# == 0)) || take "" target 1 "$1"
      ;;
    integration) take "-v" test 999 "$@" ;;
    *) take "-v" test 999 "$what" "$@" ;;
  esac
}

check_words() {
  local verb=$1
  shift
  case $verb in
    demo) take "--seed=number --children=1-2000 --days=2-394 --kafka --keep" word 0 "$@" ;;
    test) test_words "$@" ;;
    campaign)
      [[ ${1:-oracle} == oracle ]] || wrong "'$1' is no campaign: there is oracle"
      take "$campaign_options" word 0 "${@:2}"
      ;;
    coverage) take "$oracle_options" word 0 "$@" ;;
    mutants) take "--sample=number --seed=number --state=text --file=text --list" word 0 "$@" ;;
    bench)
      take "--children=number --partitions=number --rounds=number --scale=text --json=text --only=distinct|four|year|latency" \
        word 0 "$@"
      ;;
    lint) take "" check 999 "$@" ;;
    *) take "" word 0 "$@" ;;
  esac
}
