#!/usr/bin/env python3
"""Compares `driftwatch replay` with the oracle, child by child, at random instants and at the edges of what is due.

    campaign.py PROGRAM [--target N] [--first SEED]              PROGRAM: the built driftwatch
    campaign.py PROGRAM --state FILE --target 1000000            goes on where FILE says it was
    campaign.py PROGRAM --seed N                                 one world again, with the shortest log that differs

A world is a log of some twenty children (lives.py). At each instant every live alert (rule, child, subject, due) and every
duty that runs must be the same on both sides. Last line: N passed, N failed, N skipped; a world is passed or failed."""

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from book import CANCELLED, FLAG, LATE, MET, RUNNING, WARNING, WARNS_ONLY, rank
from facts import WorkingDays, instant, midnight
from lives import Lives
from oracle import at_instants, shown
from rules import RULES
from run import DEFAULTS, named, present_rules, shortened, unread_rules
from worlds import stamp

CHILDREN, RANDOM_INSTANTS, EDGES = 20, 14, 26
DURATIONS = ("CP-11", "CN-03")  # what ends before its limit was met in time
SHOWN = 3
UNLINKED = []  # not empty: children are neither merged nor split


# -------------------------------------------------------------------- the two answers

def collapse(duties):
    """{(rule, subject): (late, due)}: the oldest late duty of a subject stands for it."""
    held = {}
    for duty in duties:
        if duty.state in (RUNNING, LATE):
            key = (duty.rule, duty.subject, duty.kind)
            one = held.get(key)
            if one is None or (duty.late, -rank(duty)) > (one.late, -rank(one)):
                held[key] = duty
    return {key: (duty.late, shown(duty)) for key, duty in held.items()}


def oracle_says(duties_by_child):
    """Two counters: what is live, and what runs or is late."""
    live, owed = Counter(), Counter()
    for child, duties in duties_by_child.items():
        name = child.split("/")[1]
        for (rule, subject, _), (late, due) in collapse(duties).items():
            one = (rule, child, named(subject or name), due)
            owed[one + (late,)] += 1
            if late:
                live[one] += 1
    return live, owed


def product_says(program, lines, instants, folder):
    """{instant: (live, owed)}, from one run of replay."""
    path = os.path.join(folder, "log.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    texts = {stamp(at): at for at in instants}
    done = subprocess.run([program, "replay", path, "--at", ",".join(texts), "--obligations", "--json"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"replay: status {done.returncode}: {done.stderr[-1000:]}")
    says = {at: (Counter(), Counter()) for at in instants}
    for line in done.stdout.splitlines():
        item = json.loads(line)
        if item.get("rule") not in RULES or item.get("kind") not in (None, "obligation", "warning"):
            continue
        due = item.get("due_on") or (instant(item["due_at"]) if item.get("due_at") else None)
        one = (item["rule"], item["la_code"] + "/" + item["child_ref"], named(item["subject"]), due)
        live, owed = says[texts[item["at"]]]
        if "kind" not in item:
            live[one] += 1
        elif (item["state"] in ("overdue", "scheduled", "warned") and item["rule"] not in WARNS_ONLY
              and (due or item["state"] != "warned")):  # a warning of what has no due date yet is no duty (LA-14)
            owed[one + (item["state"] == "overdue",)] += 1
    return says, done.stderr


def differences(mine, theirs):
    """Words for what only one of the two says."""
    words = []
    for name, one, other in zip(("live", "owed"), mine, theirs):
        words += [("oracle only", name) + item for item in sorted((one - other).elements(), key=str)]
        words += [("replay only", name) + item for item in sorted((other - one).elements(), key=str)]
    return words


# -------------------------------------------------------------------- one world

def edges(seen, chooser):
    """The instants about what was due: the last second of the last day in time, its middle, the first instant late."""
    dues = sorted({duty.due for duties in seen for duty in duties if duty.state not in (FLAG, WARNING)}, key=str)
    found = []
    for due in chooser.sample(dues, min(len(dues), EDGES)):
        if isinstance(due, int):
            found.append(chooser.choice((due - 1_000_000, due, due + 1)))
        else:
            late = midnight(due + timedelta(days=1))
            found.append(chooser.choice((late - 1_000_000, late - 1, midnight(due), late, late)))
    return found


def world_of(seed, working_days, present):
    """The log of a world and the instants at which it is looked at."""
    world = Lives(seed, working_days, CHILDREN)
    lines = world.log()
    if UNLINKED:
        lines = [line for line in lines if "identity_merged" not in line and "identity_split" not in line]
    chooser = random.Random(f"instants {seed}")
    begins, ends = world.window()
    instants = {chooser.randrange(begins, ends) // 1000 * 1000 for _ in range(RANDOM_INSTANTS)}
    *_, (_, last) = at_instants(lines, [ends], working_days, present)
    instants |= {at for at in edges(list(last.values()), chooser) if begins <= at < ends}
    return lines, sorted(instants)


def count(duties_by_child, live, met):
    """How many child-instants a rule was live, and how many it had been met in time."""
    for duties in duties_by_child.values():
        live.update({duty.rule for duty in duties if duty.state == LATE})
        live.update({duty.rule + " " + duty.state for duty in duties if duty.state in (FLAG, WARNING)})
        met.update({duty.rule for duty in duties
                    if duty.state == MET or (duty.state == CANCELLED and duty.rule in DURATIONS)})


def examine(program, seed, working_days, present):
    lines, instants = world_of(seed, working_days, present)
    live, met, looked, found = Counter(), Counter(), 0, []
    with tempfile.TemporaryDirectory() as folder:
        theirs, complaints = product_says(program, lines, instants, folder)
    for at, duties in at_instants(lines, instants, working_days, present):
        looked += len(duties)
        count(duties, live, met)
        found += [(stamp(at),) + words for words in differences(oracle_says(duties), theirs[at])]
    if complaints.strip() and not found:
        found = [("", "replay complains", complaints.strip().splitlines()[0])]
    return {"seed": seed, "looked": looked, "live": live, "met": met, "found": found[:40], "differ": len(found)}


def work(arguments):
    program, seeds = arguments
    working_days, present = WorkingDays(DEFAULTS[1]), present_rules()
    results = []
    for seed in seeds:
        try:
            results.append(examine(program, seed, working_days, present))
        except RuntimeError as error:
            results.append({"seed": seed, "looked": 0, "live": {}, "met": {}, "found": [("", str(error))], "differ": 1})
    return results


# -------------------------------------------------------------------- the shortest log

def shortest(program, seed, difference, working_days, present):
    """Drops children, then records, while the same rule still differs at that instant."""
    lines, _ = world_of(seed, working_days, present)
    at, rule = instant(difference[0]), difference[3]
    lines = [line for line in lines if instant(line["log_time"]) <= at]

    def differs(candidate):
        with tempfile.TemporaryDirectory() as folder:
            theirs, _ = product_says(program, candidate, [at], folder)
        for _, duties in at_instants(candidate, [at], working_days, present):
            return [words for words in differences(oracle_says(duties), theirs[at]) if words[2] == rule]
        return []

    child = difference[4].split("/")[1]
    alone = [line for line in lines if line.get("child_ref") == child]
    lines = alone if differs(alone) else lines
    return shortened(lines, differs)


def show(program, result, working_days, present):
    print(f"FAIL  seed {result['seed']}: {result['differ']} differences")
    shown_rules = set()
    for difference in result["found"]:
        print("    " + " ".join(map(str, difference)))
        if len(difference) > 4 and difference[3] not in shown_rules and len(shown_rules) < 2:
            shown_rules.add(difference[3])
            lines, words = shortest(program, result["seed"], difference, working_days, present)
            print(f"      shortest log at {difference[0]}: {words}")
            for line in lines:
                print("        " + json.dumps(line))
        if len(shown_rules) == 2:
            break


# -------------------------------------------------------------------- the campaign

class State:
    """What has been done so far; kept in a file between runs."""

    def __init__(self, path, first):
        self.path = path
        with open(DEFAULTS[0], "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.data = {"standards": digest, "next": first, "worlds": 0, "failed": 0, "looked": 0, "seconds": 0.0,
                     "live": {}, "met": {}, "differences": []}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                held = json.load(file)
            if held["standards"] != digest:
                sys.exit(f"{path} is about other standards; begin another file")
            self.data = held

    def take(self, results, seconds):
        data = self.data
        for result in results:
            data["worlds"] += 1
            data["looked"] += result["looked"]
            for name in ("live", "met"):
                data[name] = dict(Counter(data[name]) + Counter(result[name]))
            if result["differ"]:
                data["failed"] += 1
                data["differences"].append({"seed": result["seed"], "count": result["differ"], "first": result["found"][:8]})
        data["next"] += len(results)
        data["seconds"] += seconds
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump(self.data, file)
            os.replace(self.path + ".new", self.path)


def campaign(program, state, options, working_days, present):
    shown_worlds, per_rule = 0, Counter()
    batch = 4
    with ProcessPoolExecutor(max_workers=options.workers) as pool:
        while state.data["looked"] < options.target:
            began, first = time.monotonic(), state.data["next"]
            groups = [(program, range(at, at + batch)) for at in range(first, first + batch * options.workers * 2, batch)]
            results = [result for group in pool.map(work, groups) for result in group]
            state.take(results, time.monotonic() - began)
            for result in results:
                rules = {words[3] for words in result["found"] if len(words) > 3}
                per_rule.update(rules)
                if result["differ"] and shown_worlds < options.failures and (not rules or any(per_rule[r] == 1 for r in rules)):
                    shown_worlds += 1
                    show(program, result, working_days, present)
            if sys.stderr.isatty():
                print(f"\r{state.data['looked']} child-instants, {state.data['failed']} worlds differ", end="", file=sys.stderr)
    return per_rule


def report(state, per_rule, present, statistics):
    data = state.data
    if per_rule:
        print("      worlds that differ, by rule: " + ", ".join(f"{rule} {n}" for rule, n in per_rule.most_common()))
    if statistics:
        print(f"      {'rule':10}{'live':>10}{'met in time':>14}")
        for rule in sorted(set(data["live"]) | set(data["met"]) | (present & set(RULES))):
            print(f"      {rule:10}{data['live'].get(rule, 0):>10}{data['met'].get(rule, 0):>14}")
    if unread_rules():
        print(f"      not compared, for rules.py does not know them: {', '.join(unread_rules())}")
    print(f"{'FAIL' if data['failed'] else 'ok  '}  oracle: replay at {data['looked']} child-instants of {data['worlds']} worlds, "
          f"{len(present & set(RULES))} rules, {data['seconds']:.0f} s")
    print(f"{data['worlds'] - data['failed']} passed, {data['failed']} failed, 0 skipped")
    return 1 if data["failed"] or not data["worlds"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--target", type=int, default=20_000, help="child-instants")
    parser.add_argument("--state", help="file that remembers what was done")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--failures", type=int, default=SHOWN, help="how many worlds to show in full")
    parser.add_argument("--statistics", action="store_true", help="how often each rule was live and met")
    parser.add_argument("--unlinked", action="store_true", help="without merging and splitting children")
    options = parser.parse_args()
    if options.unlinked:
        UNLINKED.append(True)
    working_days, present = WorkingDays(DEFAULTS[1]), present_rules()
    if options.seed is not None:
        result = examine(options.program, options.seed, working_days, present)
        if result["differ"]:
            show(options.program, result, working_days, present)
        print(f"{int(not result['differ'])} passed, {int(bool(result['differ']))} failed, 0 skipped")
        return int(bool(result["differ"]))
    state = State(options.state, options.first)
    per_rule = campaign(options.program, state, options, working_days, present)
    return report(state, per_rule, present, options.statistics or bool(options.state))


if __name__ == "__main__":
    sys.exit(main())
