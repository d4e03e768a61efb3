#!/usr/bin/env python3
"""The independent oracle: reads a log as JSON Lines and says which alerts open and close, when, and why.

    oracle.py [--holidays FILE] FILE...    each file is one partition; `{"reset": NAME}` on a line begins a new log

Written from the texts of the rules, without the C core; slow and obvious. README.md tells how it is used."""

import argparse
import json
import sys

from book import NO_DUE
from facts import Child, Clock, Record, WorkingDays, instant
from rules import Book


class Alert:
    """The alerts of one (rule, kind, subject), one generation after the other."""

    def __init__(self):
        self.generation = 0
        self.live = False
        self.due = None
        self.shown = None


class Log:
    """One partition: a clock, and the children whose records stand in it."""

    def __init__(self, working_days, present=None):
        self.working_days, self.present = working_days, present
        self.now = None
        self.children = {}  # child -> (Child, {key: Alert}, next wakeup)
        self.changes = []

    def feed(self, raw):
        at = instant(raw["log_time"])
        self.pass_time(at)
        if "clock_tick" in raw:
            return
        name = raw["la_code"] + "/" + raw["child_ref"]
        state = self.children.setdefault(name, {"child": Child(), "alerts": {}, "wakeup": None})
        if state["child"].apply(Record(raw)):
            self.evaluate(name, state, self.now)

    def pass_time(self, at):
        """Everything due up to `at` happens at its own instant, then the clock stands at `at`; it never goes back."""
        while True:
            pending = [(s["wakeup"], n) for n, s in self.children.items() if s["wakeup"] is not None and s["wakeup"] <= at]
            if not pending:
                break
            due, name = min(pending)
            self.evaluate(name, self.children[name], due)
        self.now = at if self.now is None else max(self.now, at)

    def evaluate(self, name, state, now):
        clock = Clock(now)
        duties = Book(state["child"].view(clock), self.working_days, self.present).all()
        alerts = state["alerts"]
        for key in sorted(set(duties) | set(alerts)):
            self.settle(name, key, alerts.setdefault(key, Alert()), duties.get(key), now)
        state["duties"] = duties
        state["wakeup"] = min((at for at in clock.wakeups if at > now), default=None)

    def settle(self, name, key, alert, duty, now):
        late = duty is not None and duty.late
        if late and duty.flag:
            if alert.live:
                alert.live = False
                self.change(name, key, alert, "resolved", now)
            elif alert.generation == 0:
                alert.generation, alert.shown = 1, shown(duty)
                self.change(name, key, alert, "flagged", now)
        elif late and not alert.live:
            # closed, and the same duty is unmet again: its clearing fact was withdrawn or corrected
            again = alert.generation > 0 and duty.due == alert.due
            alert.generation += 1
            alert.live, alert.due, alert.shown = True, duty.due, shown(duty)
            self.change(name, key, alert, "reopened" if again else "opened", now)
        elif late:
            alert.due, alert.shown = duty.due, shown(duty)
        elif alert.live:
            alert.live = False
            self.change(name, key, alert, "resolved", now)

    def change(self, name, key, alert, kind, now):
        self.changes.append({"child": name, "rule": key[0], "subject_kind": key[1], "subject_id": key[2],
                             "generation": alert.generation, "transition": kind, "due": alert.shown, "at": now})

    def obligations(self):
        """The state at the end: {(child, rule, kind, subject): (overdue, due)}."""
        result = {}
        for name, state in self.children.items():
            for key, duty in state.get("duties", {}).items():
                if not duty.flag:
                    result[(name,) + key] = (duty.late, shown(duty))
        return result


def show(rule, due):
    if rule in NO_DUE:
        return None
    return due if due is None or isinstance(due, int) else due.isoformat()


def shown(duty):
    return None if duty.counted else show(duty.rule, duty.due)


def replay(lines, working_days, present=None):
    log = Log(working_days, present)
    for raw in lines:
        log.feed(raw)
    return log


class Register:
    """All children of one log at one instant after the other, merged and split as the log has said so far."""

    def __init__(self, working_days, present=None):
        self.working_days, self.present = working_days, present
        self.own = {}  # child -> Child of the facts that were told under this name
        self.identity = {}  # key -> (precedence, order, child, into): the records that merge and split
        self.into = {}  # child -> the one it was merged into
        self.answers = {}  # child -> (until when, [Duty])

    def feed(self, raw):
        if "clock_tick" in raw:
            return
        name = raw["la_code"] + "/" + raw["child_ref"]
        record = Record(raw)
        if record.type in ("identity_merged", "identity_split"):
            self.link(name, record, raw)
        elif self.own.setdefault(name, Child()).apply(record):
            self.answers.pop(self.root(name), None)

    def link(self, name, record, raw):
        """A merge puts the facts of the one under the other, a split takes them back; the latest word counts."""
        other = raw["la_code"] + "/" + (record.get("merged_child_ref") or record.get("split_child_ref"))
        if record.type == "identity_merged" and (self.adopted(other) or self.adopted(name)):
            return  # the life before and the life after are never linked (domain 4.20)
        held = self.identity.get(record.key)
        if held is not None and record.precedence() <= held[0].precedence():
            return
        self.identity[record.key] = (record, len(self.identity) if held is None else held[1], other, name)
        self.into = {}
        for told, _, child, survivor in sorted(self.identity.values(), key=lambda one: one[1]):
            if told.op == "VOID":
                continue
            if told.type == "identity_split":
                self.into.pop(child, None)
            elif self.root(survivor) != child:
                self.into[child] = survivor
        self.answers = {}

    def adopted(self, name):
        return name in self.own and any(r.get("rec") in ("E11", "E12") or r.get("reason_for_closure") == "RC1"
                                        for r in self.own[name].in_order())

    def root(self, name):
        while name in self.into:
            name = self.into[name]
        return name

    def facts_of(self, root):
        names = [name for name in self.own if self.root(name) == root]
        if names == [root]:
            return self.own[root]
        whole = Child()
        for name in names:
            for key, record in self.own[name].records.items():
                whole.apply(record)
                told = [c.first_recorded[key] for c in (whole, self.own[name]) if key in c.first_recorded]
                if told:
                    whole.first_recorded[key] = min(told)
        return whole

    def at(self, now):
        """{child: [Duty]}: everything that is or was owed. What no clock can have changed is not worked out again."""
        result = {}
        for root in {self.root(name): None for name in self.own}:
            until, duties = self.answers.get(root, (now, None))
            if duties is None or now >= until:
                clock = Clock(now)
                duties = list(Book(self.facts_of(root).view(clock), self.working_days, self.present).duties())
                until = min((at for at in clock.wakeups if at > now), default=1 << 62)
                self.answers[root] = (until, duties)
            result[root] = duties
        return result


def at_instants(lines, instants, working_days, present=None):
    """Yields (instant, {child: [Duty]}); the lines are in the order of the log."""
    register, place = Register(working_days, present), 0
    for now in sorted(instants):
        while place < len(lines) and instant(lines[place]["log_time"]) <= now:
            register.feed(lines[place])
            place += 1
        yield now, register.at(now)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--holidays", default="config/default/bank-holidays.json")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    working_days = WorkingDays(options.holidays)
    for path in options.files:
        with open(path, encoding="utf-8") as file:
            log = replay((json.loads(line) for line in file if line.strip()), working_days)
        for change in log.changes:
            print(json.dumps(change))
        for key, (late, due) in sorted(log.obligations().items()):
            print(json.dumps({"child": key[0], "rule": key[1], "subject_kind": key[2], "subject_id": key[3],
                              "overdue": late, "due": due}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
