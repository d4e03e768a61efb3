#!/usr/bin/env python3
"""A county's published figures from events alone: at 18 December 2020 82 % of looked-after children, 73 % of children on
child protection plans and 67 % of children in need had been visited in timescale.

    snapshot.py PROGRAM        PROGRAM: the built driftwatch

Makes the events of such a county, asks `driftwatch replay` and the oracle, and compares them child by child, with each
other and with what each child was made to be. Among the events are decoys, each of which would change a figure if it were
taken for what it looks like: visits by video, with nobody seen, by somebody of the wrong role, of another kind, voided,
recorded only later, from before a move; duties due that very day; plans just ended; another authority's temporary plans."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta, timezone

from book import LATE, RUNNING
from facts import WorkingDays, instant
from oracle import at_instants
from run import DEFAULTS, present_rules

DAY = date(2020, 12, 18)
LOOK = "2020-12-18T17:00:00+00:00"
FAMILIES = {"CLA": ("LA-01", "LA-02", "LA-03"), "CP": ("CP-07",), "CIN": ("CN-01",)}
FIGURES = {"CLA": ("IND-1", "all"), "CP": ("IND-2", "standard"), "CIN": ("IND-3", "all")}
COUNTY = {"CLA": (1039, 82), "CP": (802, 73), "CIN": (2000, 67)}
SEEN = {"mode": "F2F", "child_seen": "Y", "attempt_result": "SEEN", "by_role": "SW"}


def days(count):
    return timedelta(days=count)


class County:
    def __init__(self, working_days, seed=20201218):
        self.random, self.wd = random.Random(seed), working_days
        self.lines, self.serial = [], 0
        self.truth = {}  # child -> (group, late); children outside the population are not in it
        self.decoys = Counter()
        for group, (size, percent) in COUNTY.items():
            in_time = round(size * percent / 100)
            fates = [False] * in_time + [True] * (size - in_time)
            self.random.shuffle(fates)
            for number, late in enumerate(fates):
                self.child = f"{group.lower()}-{number}"
                self.truth[self.child] = (group, late)
                getattr(self, "make_" + group.lower())(late)
            self.outsiders(group)

    # ---------------------------------------------------------------- records

    def say(self, kind, on, body, recorded=None, op="CREATE", of=None, revision=1):
        """A record of a day, written up the same evening unless told otherwise. Returns its id."""
        self.serial += 1
        record = of or f"r{self.serial}"
        at = datetime(on.year, on.month, on.day, 10, self.random.randrange(60), tzinfo=timezone.utc)
        told = recorded or on
        log = datetime(told.year, told.month, told.day, 16, self.random.randrange(50), tzinfo=timezone.utc)
        line = {"event_id": f"e{self.serial}", "la_code": "936", "child_ref": self.child, "occurred_at": at.isoformat(),
                "recorded_at": log.isoformat(), "source_system": "LCS", "source_record_id": record,
                "source_revision": revision, "op": op, kind: body, "log_time": log.isoformat()}
        self.lines.append((log, self.serial, line))
        return record

    def visit(self, on, kind, more=None, recorded=None, **changes):
        return self.say("visit_done", on, {"visit_type": kind, **SEEN, **(more or {}), **changes}, recorded)

    def decoy(self, name, after, kind, more):
        """Something between the last visit that counts and the day that looks like a visit and is none."""
        on = after + days(self.random.randint(1, max(1, (DAY - after).days)))
        self.decoys[name] += 1
        if name == "video":
            self.visit(on, kind, more, mode="VIDEO")
        elif name == "nobody seen":
            self.visit(on, kind, more, child_seen="N", attempt_result="NO_ACCESS")
        elif name == "wrong role":
            self.visit(on, kind, more, by_role="FSW")
        elif name == "another kind":
            self.visit(on, "DUTY", more)
        elif name == "elsewhere":
            self.visit(on, kind, {**more, "location": "SCHOOL"})
        elif name == "voided":
            record = self.visit(on, kind, more)
            self.say("visit_done", on, {}, max(on, min(DAY, on + days(1))), op="VOID", of=record, revision=2)
        elif name == "recorded later":
            self.visit(on, kind, more, recorded=DAY + days(self.random.randint(1, 9)))

    def mislead(self, late, last, kind, more, names):
        if late and last < DAY and self.random.random() < 0.7:
            self.decoy(self.random.choice(names), last, kind, more)

    def some_visits(self, begin, last, every, kind, more):
        """Visits from the beginning on, the last on `last`."""
        on = last
        while on >= begin:
            self.visit(on, kind, more, recorded=min(DAY, on + days(self.random.choice((0, 0, 0, 1, 3)))))
            on -= days(self.random.randint(every // 2, every))

    # ---------------------------------------------------------------- children of the three groups

    def plan(self, kind, begin, plan, **more):
        named = {"CP": "cpp_start_date", "CIN": "cin_plan_start_date"}[kind]
        self.say("plan_started", begin, {"plan_id": plan, "plan_type": kind, named: begin.isoformat(), **more})

    def last_by(self, working, late):
        """A last visit whose due day is the day itself or later, or the day before or earlier."""
        edge = DAY
        while self.wd.after(edge, working) > DAY:
            edge -= days(1)
        while self.wd.after(edge - days(1), working) == DAY:
            edge -= days(1)
        if not late:
            on = edge if self.random.random() < 0.2 else edge + days(self.random.randint(0, (DAY - edge).days))
            self.decoys["due that day"] += self.wd.after(on, working) == DAY
            return on
        return edge - days(1 + self.random.choice((0, 0, 1, 4, 10, 25)))

    def make_plan(self, kind, working, late, names):
        plan, last = f"P-{self.child}", self.last_by(working, late)
        begin = last - days(self.random.randint(0, 400))
        self.plan(kind, begin, plan)
        more = {"plan_id": plan}
        if self.random.random() < 0.9 or begin < last:
            self.some_visits(begin, last, 14, kind, more)
        self.mislead(late, last, kind, more, names)

    def make_cp(self, late):
        self.make_plan("CP", 10, late, ("video", "nobody seen", "wrong role", "another kind", "voided", "recorded later"))

    def make_cin(self, late):
        self.make_plan("CIN", 20, late, ("video", "nobody seen", "another kind", "voided", "recorded later"))

    def make_cla(self, late):
        names = ("video", "nobody seen", "wrong role", "another kind", "elsewhere", "voided", "recorded later")
        place, where = f"H-{self.child}", {"placement_id": f"H-{self.child}", "location": "PLACEMENT"}
        shape = self.random.choice(("first year", "first year", "later", "to stay", "moved", "new"))
        if shape == "new":  # no visit yet: late from the eighth day on
            begin = DAY - days(self.random.randint(8, 20) if late else self.random.choice((0, 2, 5, 7)))
            self.decoys["due that day"] += begin == DAY - days(7)
            self.place(place, begin)
            self.mislead(late, begin, "CLA", where, names)
            return
        limit = DAY - days(42)
        if shape == "to stay":  # after the first year three months are enough
            limit = date(2020, 9, 18)
        last = limit - days(self.random.choice((1, 1, 7, 20))) if late else \
            limit + days(self.random.choice((0, 0, *range((DAY - limit).days + 1))))
        self.decoys["due that day"] += last == limit
        begin = last - days(self.random.randint(400, 900) if shape in ("later", "to stay") else self.random.randint(0, 200))
        if shape == "moved":  # seen before the move: it does not count for the new placement
            begin = last - days(self.random.randint(10, 60))
            earlier = f"E-{self.child}"
            self.place(earlier, begin - days(100))
            self.visit(begin - days(1), "CLA", {"placement_id": earlier, "location": "PLACEMENT"})
            self.decoys["before a move"] += 1
            self.say("placement_ended", begin, {"placement_id": earlier, "dec": begin.isoformat(), "rec": "X1"})
        self.place(place, begin, **({"intended_until_18": "Y"} if shape == "to stay" else {}))
        self.some_visits(begin, last, 40, "CLA", where)
        self.mislead(late, last, "CLA", where, names)

    def place(self, place, begin, **more):
        self.say("placement_started", begin, {"placement_id": place, "decom": begin.isoformat(), "rne": "S", "ls": "C2",
                                              "place": "U6", **more})

    def outsiders(self, group):
        """Children with an overdue visit who do not belong to the figure."""
        for number in range(40):
            self.child, long_ago = f"out-{group.lower()}-{number}", date(2020, 6, 1)
            name = self.random.choice(("just ended", "temporary"))
            self.decoys[name] += 1
            if group == "CLA":
                self.place("H", long_ago)
                ended = DAY - days(self.random.randint(0, 3))
                self.say("placement_ended", ended, {"placement_id": "H", "dec": ended.isoformat(), "rec": "E4A"})
            elif name == "temporary":
                self.plan(group, long_ago, "T", temporary_ola="Y")
            else:
                self.plan(group, long_ago, "P")
                ended = DAY - days(self.random.randint(0, 3))
                self.say("plan_ended", ended, {"plan_id": "P", "plan_type": group, "end_date": ended.isoformat()})

    def log(self):
        return [line for _, _, line in sorted(self.lines, key=lambda one: one[:2])]


# -------------------------------------------------------------------- the two answers

def groups_of(owed):
    """{child: (group, late)} from {(child, rule): late}."""
    found = {}
    for (child, rule), late in owed.items():
        for group, rules in FAMILIES.items():
            if rule in rules:
                found[child] = (group, late or found.get(child, (group, False))[1])
    return found


def ask(program, lines, verb, *options):
    """The objects that `driftwatch VERB` prints of the log."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "county.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        done = subprocess.run([program, verb, path, "--at", LOOK, *options, "--json"], capture_output=True, text=True,
                              check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def figures(program, lines):
    """{(id, form): (numerator, denominator, percent)} of the published figures."""
    return {(item["id"], item["form"]): (item["numerator"], item["denominator"], item.get("percent"))
            for item in ask(program, lines, "indicators") if item["kind"] == "indicator"}


def product(program, lines):
    owed = {}
    for item in ask(program, lines, "replay", "--obligations"):
        if item.get("kind") == "obligation" and item["state"] in ("overdue", "scheduled", "warned"):
            key = (item["child_ref"], item["rule"])
            owed[key] = owed.get(key, False) or item["state"] == "overdue"
    return groups_of(owed)


def oracle(lines, working_days, present):
    owed = {}
    for _, duties in at_instants(lines, [instant(LOOK)], working_days, present):
        for child, list_of in duties.items():
            for duty in list_of:
                if duty.state in (RUNNING, LATE):
                    key = (child.split("/")[1], duty.rule)
                    owed[key] = owed.get(key, False) or duty.state == LATE
    return groups_of(owed)


def share(answer, group):
    all_of = [late for one, late in answer.values() if one == group]
    return len(all_of), round(100 * all_of.count(False) / len(all_of)) if all_of else None


def check(name, good, what=""):
    print(f"{'ok  ' if good else 'FAIL'}  snapshot: {name}" + ("" if good else f": {what}"))
    return good


def differ(one, other):
    return [(child, one.get(child), other.get(child)) for child in sorted(set(one) | set(other))
            if one.get(child) != other.get(child)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    program = parser.parse_args().program
    working_days = WorkingDays(DEFAULTS[1])
    county = County(working_days)
    lines = county.log()
    mine, theirs = oracle(lines, working_days, present_rules()), product(program, lines)
    results = []
    for group, (size, percent) in COUNTY.items():
        results.append(check(f"{percent} % of {size} {group} visited in timescale on {DAY}", share(theirs, group) == (size, percent),
                             share(theirs, group)))
    published = figures(program, lines)
    for group, (size, percent) in COUNTY.items():
        got = published.get(FIGURES[group], (None, None, None))
        late = sum(late for one, late in county.truth.values() if one == group)
        good = got[:2] == (size - late, size) and round(got[2]) == percent
        results.append(check(f"the figure {' '.join(FIGURES[group])} is {percent} %", good, got))
    for name, one in (("product and oracle child by child", mine), ("product and the making child by child", county.truth)):
        found = differ(one, theirs)
        results.append(check(name, not found, f"{len(found)} differ, such as {found[:4]}"))
    few = {name: count for name, count in county.decoys.items() if count < 10}
    kinds = {"video", "nobody seen", "wrong role", "another kind", "elsewhere", "voided", "recorded later", "due that day",
             "before a move", "just ended", "temporary"}
    results.append(check(f"decoys of {len(kinds)} kinds among {len(lines)} events", kinds == set(county.decoys) and not few,
                         (sorted(kinds ^ set(county.decoys)), few)))
    print(f"{results.count(True)} passed, {results.count(False)} failed, 0 skipped")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
