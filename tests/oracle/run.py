#!/usr/bin/env python3
"""Compares the core with the oracle over random worlds, and the core with itself over the same worlds told otherwise.

    run.py PROGRAM [--seeds N] [--first N] [--seed N]    PROGRAM: the built dw_core_replay
    run.py PROGRAM --log FILE                            the same over one log, without the other tellings

Last line: N passed, N failed, N skipped. A failure prints its seed, the first difference and a log that is as short as it
can be made while the difference stays."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import lru_cache

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

from book import OFF, WARNS_ONLY  # noqa: E402
from facts import LONDON, WorkingDays, instant  # noqa: E402
from oracle import replay  # noqa: E402
from rules import NOT_PER_CHILD, RULES  # noqa: E402
from worlds import World, tick  # noqa: E402

DEFAULTS = [os.path.join(ROOT, "config", "default", name)
            for name in ("standards.yaml", "bank-holidays.json", "organisation.yaml")]
COMPARED = ("opened", "reopened", "resolved", "flagged")
BATCH = 20
TRIED = OFF - {"MI-07"}  # off by default, and switched on in every other world; MI-07 is read in two ways (README)


def standards(every):
    """The shipped ones; `every`: as an authority has them that switched on what is off."""
    with open(DEFAULTS[0], encoding="utf-8") as file:
        text = file.read()
    if every:
        text += "---\noverrides:\n" + "".join(f"  - {{id: {name}, enabled: true}}\n" for name in sorted(TRIED))
    return text


def run_core(program, worlds, every=False):
    """[(lines, False, True (recode) or "ask_all")] -> one list of output objects a world."""
    text = []
    for number, (lines, recode) in enumerate(worlds):
        how = {} if not recode else {"recode" if recode is True else recode: True}
        text.append(json.dumps({"world": str(number), **how}))
        text += [json.dumps(line) for line in lines]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(standards(every))
        file.flush()
        done = subprocess.run([program, file.name] + DEFAULTS[1:], input="\n".join(text) + "\n", capture_output=True, text=True,
                              check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    outputs = []
    for line in done.stdout.splitlines():
        item = json.loads(line)
        if "world" in item:
            outputs.append([])
        else:
            outputs[-1].append(item)
    return outputs


def core_changes(output):
    """Transitions in the oracle's words."""
    changes = []
    for item in output:
        if item.get("transition") in COMPARED and item["rule_id"] in RULES:
            due = item.get("due_on") or (instant(item["due_at"]) if item.get("due_at") else None)
            changes.append((instant(item["raised_at"]), item["la_code"] + "/" + item["child_ref"], item["rule_id"],
                            item["subject_kind"], named(item.get("subject_id", "")), item["generation"],
                            item["transition"], due))
    return changes


def named(subject):
    """What has no id of its own is called something by either side: that is left open."""
    return "?" if re.fullmatch("[0-9a-f]{16}|without an id: .*", subject) else subject


def oracle_changes(log):
    return [(c["at"], c["child"], c["rule"], c["subject_kind"], named(c["subject_id"]), c["generation"], c["transition"],
             c["due"]) for c in log.changes]


def core_end(output):
    """What is owed at the end: (child, rule, kind, subject), (overdue, due). A warning without a due date is no duty yet."""
    return [((o["child"], o["rule"], o["kind"], named(o["id"])), (o["state"] == "overdue", o.get("due")))
            for o in output if o.get("state") in ("overdue", "scheduled", "warned") and o["rule"] in RULES
            and (o["state"] != "warned" or o.get("due")) and o["rule"] not in WARNS_ONLY]


def everything_at_end(output):
    """Facts and obligations in full, as the core has them."""
    return sorted(json.dumps(item) for item in output if "transition" not in item)


def transitions(output):
    """All of them, child by child, without the offsets that ticks move."""
    found = [{k: v for k, v in item.items() if k != "causes"} for item in output if "transition" in item]
    return sorted(found, key=lambda item: item["child_ref"])


def difference(name, left, right, left_name="oracle", right_name="core"):
    """The first line in which two lists differ, in words; None when they do not."""
    for one, other in zip(list(left) + [None], list(right) + [None]):
        if one != other:
            return f"{name}\n    {left_name}: {one}\n    {right_name}: {other}"
    return f"{name}: lengths {len(left)} and {len(right)}" if len(left) != len(right) else None


def first_change_difference(mine, core):
    """By time: whichever of the two says something first that the other does not."""
    only_mine, only_core = Counter(mine) - Counter(core), Counter(core) - Counter(mine)
    words = [f"  oracle only: {show(c)}" for c in sorted(only_mine, key=str)[:3]]
    words += [f"  core only:   {show(c)}" for c in sorted(only_core, key=str)[:3]]
    return "alerts differ\n" + "\n".join(words) if words else None


def show(change):
    at = datetime.fromtimestamp(change[0] // 1_000_000, LONDON).isoformat() + f".{change[0] % 1_000_000:06d}"
    return f"{at} {change[1:]}"


def compare_end(mine, core):
    """Only what either says is running: the core also remembers what was met."""
    mine = [(key[:3] + (named(key[3]),), state) for key, state in mine.items()]
    only_mine, only_core = Counter(mine) - Counter(core), Counter(core) - Counter(mine)
    words = [f"  oracle only: {one}" for one in only_mine][:3] + [f"  core only:   {one}" for one in only_core][:3]
    return "at the end\n" + "\n".join(words) if words else None


def examine(lines, output, working_days, every=False):
    """Oracle against core over one log."""
    log = replay(lines, working_days, present_rules() | TRIED if every else present_rules())
    return (first_change_difference(oracle_changes(log), core_changes(output))
            or compare_end(log.obligations(), core_end(output)))


def shortened(lines, differs, kept=0):
    """(the lines without those that `differs` does not need, what it says of the rest); the last `kept` stay."""
    step = max(1, len(lines) // 2)
    while True:
        place = 0
        while place < len(lines) - kept:
            candidate = lines[:place] + lines[min(place + step, len(lines) - kept):]
            if candidate and differs(candidate):
                lines = candidate
            else:
                place += step
        if step == 1:
            return lines, differs(lines)
        step = max(1, step // 2)


def shrink(program, lines, working_days, every=False):
    """Drops records while some difference stays."""
    def differs(candidate):
        try:
            return examine(candidate, run_core(program, [(candidate, False)], every)[0], working_days, every)
        except RuntimeError as error:
            return str(error)
    return shortened(lines, differs, 1)  # the last line is the tick that lets time pass


def has_every_rule(seed):
    """Every other world is one of an authority that switched on what is off by default."""
    return seed % 2 == 0


def batch(arguments):
    """[(seed, name of the check, difference or None, log)]"""
    program, seeds = arguments
    return [result for every in (False, True)
            for result in batch_under(program, [seed for seed in seeds if has_every_rule(seed) == every], every)]


def batch_under(program, seeds, every):
    working_days = WorkingDays(DEFAULTS[1])
    worlds, plan = [], []
    for seed in seeds:
        world = World(seed, working_days)
        lines = world.log()
        plan.append((seed, world.theme, lines))
        worlds += [(lines, False), (lines, True), (world.shuffled(lines), False), (world.shuffled(lines), True),
                   (world.ticked(lines), seed % 4 < 2), (lines, "ask_all")]
    outputs = iter(run_core(program, worlds, every) if worlds else [])
    results = []
    for seed, theme, lines in plan:
        plain, recoded, shuffled, both, ticked, asked = (next(outputs) for _ in range(6))
        checks = {
            "oracle": examine(lines, plain, working_days, every),
            "recode": difference("recoding changes it", plain, recoded, "whole", "recoded"),
            "shuffle": difference("arrival order changes it", everything_at_end(plain), everything_at_end(shuffled),
                                  "in order", "shuffled"),
            "both": difference("arrival order changes it, recoded", everything_at_end(plain), everything_at_end(both),
                               "in order", "shuffled"),
            "ticks": difference("ticks change it", transitions(plain), transitions(ticked), "without", "with"),
            "asked": difference("asking every rule each time changes it", plain, asked, "asked as needed", "always"),
        }
        results.append((seed, theme, lines, checks))
    return results


@lru_cache(maxsize=None)
def present_rules():
    """The ids that the standards name, but for what they switch off."""
    with open(DEFAULTS[0], encoding="utf-8") as file:
        rules = re.split(r"^(?= +- id: )", file.read(), flags=re.M)
    return frozenset(re.match(r" +- id: (\S+)", rule)[1] for rule in rules[1:] if not re.search(r"^ +enabled: false\b", rule, re.M))


def unread_rules():
    """Rules of the standards that nobody has read a second time yet."""
    return sorted(present_rules() - set(RULES) - set(NOT_PER_CHILD))


def compare_log(program, path):
    """Oracle against core over a given log, such as one that `driftwatch generate` made."""
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    lines.append(tick(max(instant(line["log_time"]) for line in lines) + 1))  # all children come to the end together
    plain, recoded = run_core(program, [(lines, False), (lines, True)])
    found = (examine(lines, plain, WorkingDays(DEFAULTS[1]))
             or difference("recoding changes it", plain, recoded, "whole", "recoded"))
    print(f"{'FAIL' if found else 'ok  '}  oracle: {path}, {len(lines)} records, {len(core_changes(plain))} changes of alerts")
    if found:
        print(found)
    print(f"{int(found is None)} passed, {int(found is not None)} failed, 0 skipped")
    return int(found is not None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--failures", type=int, default=3, help="how many to show in full")
    parser.add_argument("--theme", help="count only worlds of this theme")
    parser.add_argument("--log", help="compare over this file, JSON Lines with log_time")
    options = parser.parse_args()
    if options.log:
        return compare_log(options.program, options.log)
    seeds = [options.seed] if options.seed is not None else list(range(options.first, options.first + options.seeds))
    began = time.monotonic()
    groups = [(options.program, seeds[at:at + BATCH]) for at in range(0, len(seeds), BATCH)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        results = sorted((result for group in pool.map(batch, groups) for result in group), key=lambda result: result[0])
    tally, shown = {}, 0
    working_days = WorkingDays(DEFAULTS[1])
    passed = failed = 0
    for seed, theme, lines, checks in results:
        if options.theme and theme != options.theme:
            continue
        for name, found in checks.items():
            good, bad = tally.get(name, (0, 0))
            tally[name] = (good + (found is None), bad + (found is not None))
            passed += found is None
            failed += found is not None
            if found is not None and shown < options.failures:
                shown += 1
                print(f"FAIL  seed {seed} ({theme}), {name}: {found}")
                if name == "oracle":
                    short, why = shrink(options.program, lines, working_days, has_every_rule(seed))
                    print(f"      shortest log with a difference: {why}")
                    for line in short:
                        print("      " + json.dumps(line))
    names = {"oracle": "worlds against the oracle", "recode": "folded, stored and read back between events",
             "shuffle": "in another order, with repetitions", "both": "both at once", "ticks": "with ticks between",
             "asked": "with every rule asked each time"}
    for name, (good, bad) in tally.items():
        print(f"{'FAIL' if bad else 'ok  '}  oracle: {names[name]:<45} {good:4d} of {good + bad}")
    if unread_rules():
        print(f"      not compared, for rules.py does not know them: {', '.join(unread_rules())}")
    print(f"      {len(results)} seeds in {time.monotonic() - began:.1f} s")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
