#!/usr/bin/env python3
"""coverage.py BUILD: line and branch coverage of the core, from the profiles that an instrumented build left in
BUILD/profiles. A branch is one side of one condition (as `a` and `b` of `a && b`), or a case of a switch. Assertions have
no second side here. What is not covered needs a reason in uncovered.txt, else the exit status is 1."""

import glob
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
VERSION = "-14"


def tool(*words):
    done = subprocess.run(words, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.decode()[-2000:])
    return done.stdout


def programs(build):
    with open(os.path.join(build, "tests/programs.txt"), encoding="utf-8") as file:
        found = [line.strip() for line in file if line.strip()]
    return found + [p for p in (os.path.join(build, name) for name in ("dw_core_replay", "driftwatch")) if os.path.exists(p)]


def plain(path):
    """The build maps the root away, and the tools put the build's own folder before what is left."""
    return re.sub(r"^[^/]+/", "", path) if not os.path.isabs(path) else os.path.relpath(path, ROOT)


def is_core(name):
    return re.fullmatch(r"(proto/[^/]*|handlers/.*)\.[ch]", name) is not None


def squeeze(text):
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)).strip()


class Source:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = file.read().split("\n")

    def text(self, l1, c1, l2, c2):
        if l1 == l2:
            return squeeze(self.lines[l1 - 1][c1 - 1:c2 - 1])
        middle = self.lines[l1:l2 - 1]
        return squeeze("\n".join([self.lines[l1 - 1][c1 - 1:]] + middle + [self.lines[l2 - 1][:c2 - 1]]))


def line_counts(lcov):
    """{path: {line: count}}"""
    counts, path = defaultdict(dict), None
    for line in lcov.decode().splitlines():
        if line.startswith("SF:"):
            path = plain(line[3:])
        elif line.startswith("DA:"):
            number, count = line[3:].split(",")[:2]
            counts[path][int(number)] = max(int(count), counts[path].get(int(number), 0))
    return {p: c for p, c in counts.items() if is_core(p)}


def branch_counts(exported):
    """{path: {(l1, c1, l2, c2): [true, false]}} and {path: [(first line, last line, function)]}"""
    branches, functions = defaultdict(dict), defaultdict(set)
    for function in exported["data"][0]["functions"]:
        name = function["name"].split(":")[-1]
        for region in function["regions"]:
            path = plain(function["filenames"][region[5]])
            if is_core(path) and region[7] == 0 and region is function["regions"][0]:
                functions[path].add((region[0], region[2], name))
        for l1, c1, l2, c2, true, false, at, *_ in function["branches"]:
            path = plain(function["filenames"][at])
            if is_core(path):
                sides = branches[path].setdefault((l1, c1, l2, c2), [0, 0])
                sides[0] += true
                sides[1] += false
    return branches, functions


def read_reasons(path):
    """[(file, function, "what: text", reason)]"""
    entries, head, texts = [], None, []
    with open(path, encoding="utf-8") as file:
        for place, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line.strip() or line.startswith("#"):
                continue
            if not line[0].isspace():
                head = line.split()
                if len(head) != 2 or texts:
                    sys.exit(f"{path}:{place}: expected: FILE FUNCTION, after the why: of the entry before")
            elif line.strip().startswith("why:"):
                entries += [(*head, text, line.strip()[4:].strip()) for text in texts]
                texts = []
            else:
                texts.append(line.strip())
    return entries


def matches(entry, path, function, what):
    file, name, text, _ = entry
    wanted = ".*".join(re.escape(part) for part in text.split("..."))
    return file in ("*", path) and name in ("*", function) and re.fullmatch(wanted, what) is not None


def missing_of(path, lines, branches, functions):
    """[(line, function, "what: text")] of one file, and its totals."""
    source, total, found = Source(os.path.join(ROOT, path)), Counter(), []

    def function_at(line):
        inside = [name for first, last, name in functions if first <= line <= last]
        return inside[-1] if inside else "-"
    for line, count in sorted(lines.items()):
        total["lines"] += 1
        total["lines run"] += count > 0
        text = squeeze(source.lines[line - 1])
        if count == 0 and not re.fullmatch(r"[{}]*;?", text):
            found.append((line, function_at(line), f"never run: {text}"))
    for (l1, c1, l2, c2), (true, false) in sorted(branches.items()):
        if source.lines[l1 - 1][:c1 - 1].endswith("switch ("):
            continue  # its other side is a value that the enum does not have
        text = source.text(l1, c1, l2, c2)
        is_case = text.startswith(("case ", "default"))
        sides = [("never here" if is_case else "never true", true)] + ([] if is_case else [("never false", false)])
        for what, count in sides:
            total["branches"] += 1
            total["branches taken"] += count > 0
            if count == 0 and lines.get(l1, 1) > 0:
                found.append((l1, function_at(l1), f"{what}: {text}"))
            elif count == 0:
                total["of lines never run"] += 1
    return sorted(found), total


def main():
    build = os.path.abspath(sys.argv[1])
    merged = os.path.join(build, "core.profdata")
    profiles = glob.glob(os.path.join(build, "profiles/*.profraw"))
    if not profiles:
        sys.exit("coverage.py: no profiles")
    tool("llvm-profdata" + VERSION, "merge", "-sparse", "-o", merged, *profiles)
    objects = programs(build)
    objects = objects[:1] + sum((["-object", name] for name in objects[1:]), []) + ["-instr-profile", merged]
    lines = line_counts(tool("llvm-cov" + VERSION, "export", "-format=lcov", *objects))
    branches, functions = branch_counts(json.loads(tool("llvm-cov" + VERSION, "export", *objects)))
    entries = read_reasons(os.path.join(HERE, "uncovered.txt"))
    used, everything, without, with_reason = set(), Counter(), [], Counter()
    print(f"{'file':<44}{'lines':>7}{'run':>8}{'branches':>10}{'taken':>8}{'reason':>8}{'without':>9}")
    for name in sorted(lines):
        missing, total = missing_of(name, lines[name], branches.get(name, {}), functions.get(name, ()))
        reasoned = 0
        for line, function, what in missing:
            entry = next((e for e in entries if matches(e, name, function, what)), None)
            if entry is None:
                without.append((name, line, function, what))
            else:
                used.add(entry)
                with_reason[entry[3]] += 1
                reasoned += 1
        everything += total
        everything["reason"] += reasoned
        everything["without"] += len(missing) - reasoned
        show(name, total, reasoned, len(missing) - reasoned)
    show("all", everything, everything["reason"], everything["without"])
    if with_reason:
        print("\nnot covered, with a reason (tests/support/uncovered.txt):")
        for why, count in with_reason.most_common():
            print(f"  {count:4d}  {why}")
    for entry in entries:
        if entry not in used:
            print(f"uncovered.txt: covered, or no more there: {entry[0]} {entry[1]}: {entry[2]}")
    if without:
        print("\nnot covered, without a reason:")
        for name, line, function, what in without:
            print(f"  {name}:{line} {function}: {what}")
    return 1 if without else 0


def show(name, total, reasoned, without):
    def share(part, whole):
        return f"{100 * total[part] / total[whole]:.1f}%" if total[whole] else "-"
    print(f"{name:<44}{total['lines']:>7}{share('lines run', 'lines'):>8}{total['branches']:>10}"
          f"{share('branches taken', 'branches'):>8}{reasoned:>8}{without:>9}")


if __name__ == "__main__":
    sys.exit(main())
