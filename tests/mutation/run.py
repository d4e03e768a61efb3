#!/usr/bin/python3
"""Mutation testing of the core: are its tests able to fail?

    run.py [--sample N] [--seed N] [--state FILE] [--file PART]... [--list]

All mutants of all core files (proto/*.c, handlers/**/*.c and the functions in their headers; points.py says which there
are) are compiled into one set of test programs, in build-mutants/. Each program is run once to learn which mutants it
reaches at all. Then a seeded sample is tried, two at a time: per mutant those programs that reach it, the quickest first,
until one fails; then the scenarios and the oracle's comparison, and last the same programs with the sanitizers on, as
`./run test` has them. What is done is kept in the state file, so a run that was stopped goes on where it was; when the core has changed it starts anew, when only tests have, it tries again
what survived. Survivors need a reason in survivors.txt.

Exit status 0: at least 90 % killed and every survivor has a reason."""

import argparse
import concurrent.futures
import hashlib
import importlib.util
import json
import mmap
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import points  # noqa: E402

WORK = os.environ.get("DW_MUTANTS_DIR") or os.path.join(ROOT, "build-mutants")
TREE, BUILD, SANITIZED = (os.path.join(WORK, name) for name in ("src", "build", "build-sanitized"))
WANTED_SHARE = 0.90
ORACLE_SEEDS, ORACLE_BATCH = 30, 6
CPU_FACTOR, CPU_LEAST_S, WALL_S = 6, 2, 300
MEMORY_BYTES = 3 << 30

SANITIZER = " (sanitizers)"

HEADER = """#pragma once
extern unsigned dw_mutant_chosen;
extern unsigned char *dw_mutant_reached;
static inline __attribute__((always_inline)) int DW_MUT(unsigned number)
{
    if (__builtin_expect(dw_mutant_reached != 0, 0))
        dw_mutant_reached[number] = 1;
    return __builtin_expect(dw_mutant_chosen == number, 0);
}
"""
SOURCE = """/* Reads the chosen mutant's number once, before main(). */
#include "proto/mutant_point.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
unsigned dw_mutant_chosen;
unsigned char *dw_mutant_reached;
__attribute__((constructor(101))) static void dw_mutant_start(void)
{
    const char *number = getenv("DW_MUTANT"), *map = getenv("DW_MUTANT_REACHED"), *cpu = getenv("DW_MUTANT_CPU_S");
    const char *memory = getenv("DW_MUTANT_MEMORY");
    if (number != NULL)
        dw_mutant_chosen = (unsigned)strtoul(number, NULL, 10);
    if (cpu != NULL)
        setrlimit(RLIMIT_CPU, &(struct rlimit){strtoul(cpu, NULL, 10), strtoul(cpu, NULL, 10)});
    if (memory != NULL)
        setrlimit(RLIMIT_AS, &(struct rlimit){strtoul(memory, NULL, 10), strtoul(memory, NULL, 10)});
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (map != NULL) {
        int fd = open(map, O_RDWR);
        struct stat info;
        if (fd < 0 || fstat(fd, &info) != 0)
            abort();
        dw_mutant_reached = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (dw_mutant_reached == MAP_FAILED)
            abort();
        close(fd);
    }
}
"""


def say(text):
    print(text, flush=True)


# --- the tree with all mutants in it

def tracked():
    """Files of the working tree that the build may need."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:  # no repository: a copy of the sources
        names = [os.path.relpath(os.path.join(at, name), ROOT) for at, _, files in os.walk(ROOT) for name in files]
    wanted = ("CMakeLists.txt", "proto/", "handlers/", "config/", "daemon/", "tests/", "systemd/")
    return sorted(n for n in set(names) if n.startswith(wanted) and not n.startswith("tests/mutation/")
                  and "__pycache__" not in n and os.path.isfile(os.path.join(ROOT, n)))


def is_core(name):
    return re.fullmatch(r"(proto/[^/]*|handlers/.*)\.[ch]", name) is not None


def write_if_new(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, "rb") as file:
            if file.read() == data:
                return
    with open(path, "wb") as file:
        file.write(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def lay_out(names):
    """Everything but the core, which is written with its mutants. What is gone from the tree goes here too."""
    for at, _, files in os.walk(TREE):
        for name in files:
            if os.path.relpath(os.path.join(at, name), TREE) not in names:
                os.remove(os.path.join(at, name))
    for name in names:
        target = os.path.join(TREE, name)
        if not is_core(name) or not os.path.exists(target):
            write_if_new(target, read(os.path.join(ROOT, name)))
            if os.access(os.path.join(ROOT, name), os.X_OK):
                os.chmod(target, 0o755)
    write_if_new(os.path.join(TREE, "proto/mutant_point.h"), HEADER.encode())
    write_if_new(os.path.join(TREE, "proto/mutant_chosen.c"), SOURCE.encode())


def command(words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


def configure():
    for folder, sanitize in ((BUILD, "OFF"), (SANITIZED, "ON")):
        done = command(["cmake", "-S", TREE, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DDW_WERROR=OFF",
                        "-DCMAKE_C_FLAGS_RELEASE=-O1", "-DDW_TESTS=ON", f"-DDW_SANITIZE={sanitize}"])
        if done.returncode != 0:
            sys.exit(done.stderr[-3000:])
    done = command(["ninja", "-C", BUILD, "dw_proto_schema"])
    if done.returncode != 0:
        sys.exit(done.stdout[-3000:])


def find_points(names):
    """{file: Finder} of all core files."""
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        commands = {entry["file"]: entry["command"].split() for entry in json.load(file)}
    bodies = [n for n in names if is_core(n) and n.endswith(".h")
              and re.search(rb"^static inline .*\n\{|^static inline [^;]*\n\{", read(os.path.join(ROOT, n)), re.M)]
    jobs = []
    for name in names:
        if not is_core(name) or not name.endswith(".c"):
            continue
        words = commands.get(os.path.join(TREE, name))
        if words is None:
            continue
        arguments = [w.replace(TREE, ROOT) if not w.startswith("-include") else w for w in words[1:]
                     if re.match(r"-(I|D|std)", w)]
        arguments += sum((["-isystem", words[i + 1]] for i, w in enumerate(words) if w == "-isystem"), [])
        arguments = [a for a in arguments if not a.startswith("-DFORTIFY") and "_FORTIFY" not in a]
        arguments += ["-include", os.path.join(ROOT, "proto/banned.h")]
        jobs.append((name, arguments, [(os.path.join(ROOT, n), n) for n in bodies]))
    found = {}
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for finders in pool.map(find_one, jobs):
            for name, one in finders.items():
                if name not in found or len(one["points"]) > len(found[name]["points"]):
                    found[name] = one
    return found


def find_one(job):
    name, arguments, headers = job
    finders = points.find(os.path.join(ROOT, name), name, arguments, headers)
    return {n: {"points": f.points, "left_out": f.left_out, "source": f.source} for n, f in finders.items()}


def write_core(names, found, dropped):
    for name in names:
        if not is_core(name):
            continue
        one = found.get(name)
        text = read(os.path.join(ROOT, name))
        if one is not None and one["points"]:
            body = points.render(one["source"], one["points"], dropped)
            if name.endswith(".c"):
                text = f'#include "proto/mutant_point.h"\n#line 1 "{name}"\n{body}'.encode()
            else:
                text = body.replace("#pragma once", '#pragma once\n#include "proto/mutant_point.h"\n#line 2', 1).encode()
        write_if_new(os.path.join(TREE, name), text)


def build(names, found):
    """Compiles; a mutant that is not C (by its line in the compiler's words) is dropped. Returns the dropped numbers."""
    dropped = set()
    by_line = defaultdict(set)
    for name, one in found.items():
        for point in one["points"]:
            first = point.mutants[0][0].line
            for line in range(first, first + one["source"].count(b"\n", point.start, point.end) + 1):
                by_line[(name, line)] |= {m.number for m, _ in point.mutants}
    for _ in range(12):
        write_core(names, found, dropped)
        targets = ["unit_tests", "dw_core_replay"] + (["driftwatch"] if scenarios() else [])
        done = command(["ninja", "-C", BUILD, "-k", "0"] + targets)
        if done.returncode == 0:
            done = command(["ninja", "-C", SANITIZED, "unit_tests"])
            if done.returncode == 0:
                return dropped
        before = len(dropped)
        for name, line in re.findall(r"^(?:\S*/src/)?((?:proto|handlers)/[\w/.]+):(\d+):\d+: error:", done.stdout, re.M):
            dropped |= by_line[(name, int(line))]
        if len(dropped) == before:
            break
    sys.exit("the tree with mutants does not compile:\n"
             + "\n".join(re.findall(r".*(?:error|undefined).*", done.stdout)[:20] or [done.stdout[-3000:]]))


def scenarios():
    return os.path.isdir(os.path.join(TREE, "config/default/scenarios"))


# --- the tests

class Recorder:
    """Stands in for the module subprocess in the oracle's run.py: keeps what it sends, or serves what was answered."""

    def __init__(self):
        self.calls, self.answers = [], None

    def run(self, words, **more):
        if self.answers is not None:
            return self.answers[more["input"]]
        done = subprocess.run(words, **more)
        self.calls.append((words, more["input"], done))
        return done


class Oracle:
    """The oracle's comparison with the core, its own half of it computed once."""

    def __init__(self, program):
        spec = importlib.util.spec_from_file_location("oracle_run", os.path.join(TREE, "tests/oracle/run.py"))
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.program = program
        self.module.subprocess = self.recorder = Recorder()
        self.known = {}
        plain_replay = self.module.replay

        def replay(lines, *more):
            key = hashlib.sha256(json.dumps(lines).encode()).digest()
            if key not in self.known:
                self.known[key] = plain_replay(lines, *more)
            return self.known[key]
        self.module.replay = replay
        self.batches = []

    def learn(self):
        """Runs the unmutated program; False when the oracle finds fault with it."""
        good = True
        for first in range(1, ORACLE_SEEDS + 1, ORACLE_BATCH):
            seeds = list(range(first, min(first + ORACLE_BATCH, ORACLE_SEEDS + 1)))
            self.recorder.calls = []
            results = self.module.batch((self.program, seeds))
            good = good and not any(self.faults(results))
            self.batches.append((seeds, self.recorder.calls))
        return good

    @staticmethod
    def faults(results):
        return [found for result in results for found in result[-1].values() if found is not None]

    def kills(self, env):
        """Does a difference between oracle and core appear?"""
        for seeds, calls in self.batches:
            answers, same = {}, True
            for words, text, before in calls:
                try:
                    done = subprocess.run(words, input=text, capture_output=True, text=True, env=env, timeout=WALL_S)
                except subprocess.TimeoutExpired:
                    return True
                if done.returncode != 0:
                    return True
                answers[text] = done
                same = same and done.stdout == before.stdout
            if same:
                continue
            self.recorder.answers = answers
            try:
                if any(self.faults(self.module.batch((self.program, seeds)))):
                    return True
            except (RuntimeError, ValueError, KeyError, IndexError, StopIteration):
                return True
            finally:
                self.recorder.answers = None
        return False


def programs():
    """[(name, command)] of what may kill a mutant, but the oracle."""
    with open(os.path.join(BUILD, "tests/programs.txt"), encoding="utf-8") as file:
        paths = [line.strip() for line in file if line.strip()]
    found = [(os.path.basename(path), [path]) for path in paths if "check_daemon_" not in path]
    found += [(name + SANITIZER, [path.replace(BUILD, SANITIZED)]) for name, (path,) in found
              if re.match("check_(proto|handlers|property_nomem)", name)]  # the simulations take too long
    if scenarios():
        found.append(("scenarios", [os.path.join(BUILD, "driftwatch"), "test", os.path.join(TREE, "config/default/scenarios")]))
    return found


def environment(number, cpu_s=None, reached=None, sanitized=False):
    more = {"CK_FORK": "no", "CK_DEFAULT_TIMEOUT": "0", "CK_VERBOSITY": "silent", "DW_MUTANT": str(number),
            "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1"}
    if not sanitized:
        more["DW_MUTANT_MEMORY"] = str(MEMORY_BYTES)  # AddressSanitizer reserves terabytes
    if cpu_s is not None:
        more["DW_MUTANT_CPU_S"] = str(cpu_s)
    if reached is not None:
        more["DW_MUTANT_REACHED"] = reached
    return {**os.environ, **more}


def run_program(words, env):
    """(passed, CPU seconds)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                              cwd=TREE, timeout=WALL_S, check=False)
        passed = done.returncode == 0
    except subprocess.TimeoutExpired:
        passed = False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bench:
    """What the tests reach and cost, learnt from the program without a mutant."""

    def __init__(self, count):
        self.reached, self.cost, self.words = {}, {}, dict(programs())
        self.oracle = Oracle(os.path.join(BUILD, "dw_core_replay"))
        path = os.path.join(WORK, "reached")
        left_out = []
        for name, words in self.words.items():
            good, self.cost[name] = self.learn(path, count, name, lambda env, w=words: run_program(w, env),
                                               name.endswith(SANITIZER))
            if not good:
                left_out.append(name)
        good, self.cost["oracle"] = self.learn(path, count, "oracle", self.learn_oracle)
        if not good:
            left_out.append("oracle")
        for name in left_out:
            say(f"   left out, for it fails without any mutant: {name}")
            del self.reached[name]

    def learn(self, path, count, name, run, sanitized=False):
        with open(path, "wb") as file:
            file.write(bytes(count + 1))
        good, cost = run(environment(0, reached=path, sanitized=sanitized))
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as seen:
            self.reached[name] = bytes(seen)
        return good, cost

    def learn_oracle(self, env):
        before = dict(os.environ)
        os.environ.update(env)
        began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        try:
            return self.oracle.learn(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began
        finally:
            os.environ.clear()
            os.environ.update(before)

    def order(self, number):
        names = [n for n, seen in self.reached.items() if seen[number]]
        return sorted(names, key=lambda n: (n.endswith(SANITIZER), n == "oracle", n == "scenarios", self.cost[n]))

    def limit_s(self, name):
        share = len(self.oracle.batches) if name == "oracle" else 1
        return int(max(CPU_LEAST_S, CPU_FACTOR * self.cost[name] / max(share, 1)) + 1)

    def try_one(self, number):
        """(killed by or None, names of those that reached it, seconds)"""
        began = time.monotonic()
        names = self.order(number)
        for name in names:
            env = environment(number, cpu_s=self.limit_s(name), sanitized=name.endswith(SANITIZER))
            killed = self.oracle.kills(env) if name == "oracle" else not run_program(self.words[name], env)[0]
            if killed:
                return name, len(names), time.monotonic() - began
        return None, len(names), time.monotonic() - began


bench = None  # of the process; workers inherit it by fork


def try_number(number):
    return number, bench.try_one(number)


# --- survivors with a reason

def read_reasons(path):
    """[(file, function, operator, [pattern of text], reason, [used])]; the format is at the head of the file."""
    entries, head, texts = [], None, []
    with open(path, encoding="utf-8") as file:
        for place, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            if not line[0].isspace():
                parts = line.split(None, 2)
                if len(parts) != 3 or texts:
                    sys.exit(f"{path}:{place}: expected: FILE FUNCTION OPERATOR, after the why: of the entry before")
                head = parts[0], parts[1], parts[2].strip()
            elif line.strip().startswith("why:"):
                if head is None or not texts:
                    sys.exit(f"{path}:{place}: a reason for nothing")
                for text in texts:
                    entries.append(SimpleNamespace(head=head, text=text, why=line.strip()[4:].strip(), used=False))
                texts = []
            elif texts or head is not None and line.startswith("    "):
                texts.append(line.strip())
    if texts:
        sys.exit(f"{path}: the last entry has no why:")
    return entries


PLACES = re.compile(r" \[(\d+(?:,\d+)*)\]$")


def pattern(text):
    return ".*".join(re.escape(part) for part in PLACES.sub("", text).split("..."))


def is_at(mutant, text):
    """Is it one of the places that the entry names (" [1,3]": the first and third of the same words)? Without any: of all."""
    found = PLACES.search(text)
    return found is None or str(mutant.nth + 1) in found.group(1).split(",")


def reason_of(mutant, entries):
    for entry in entries:
        file, function, operator = entry.head
        if (file in (mutant.file, "*") and function in (mutant.function, "*") and operator in (mutant.operator, "*")
                and re.fullmatch(pattern(entry.text), mutant.text) and is_at(mutant, entry.text)):
            entry.used = True
            return entry.why
    return None


# --- the run

def digest(names, wanted):
    total = hashlib.sha256()
    tools = ["tests/mutation/run.py", "tests/mutation/points.py"]
    for name in names + tools:
        if wanted(name):
            total.update(name.encode() + b"\0" + hashlib.sha256(read(os.path.join(ROOT, name))).digest())
    return total.hexdigest()[:16]


def load_state(path, core, tests):
    """{key: (killed by or None, reached)} that still hold."""
    results, head = {}, None
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                try:
                    item = json.loads(line)
                except ValueError:  # cut off in the middle
                    continue
                if "core" in item:
                    if head is not None and item["core"] != head["core"]:
                        results = {}
                    elif head is not None and item["tests"] != head["tests"]:
                        results = {k: v for k, v in results.items() if v[0] is not None}
                    head = item
                else:
                    results[tuple(item["key"])] = (item["by"], item["reached"])
    if head is not None and head["core"] != core:
        say("   the core has changed since: starting anew")
        results = {}
    elif head is not None and head["tests"] != tests:
        results = {k: v for k, v in results.items() if v[0] is not None}
        say("   tests have changed since: what survived is tried again")
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"core": core, "tests": tests}) + "\n")
    return results


def choose(mutants, count, seed):
    """A seeded sample in which every file has its share, at least one mutant each."""
    chance = random.Random(seed)
    shuffled = sorted(mutants, key=lambda m: m.key)
    chance.shuffle(shuffled)
    first, rest, seen = [], [], set()
    for mutant in shuffled:
        (rest if mutant.file in seen else first).append(mutant)
        seen.add(mutant.file)
    return (first + rest)[:count] if count else shuffled


def try_all(chosen, results, path):
    global bench
    left = [m for m in chosen if m.key not in results]
    if not left:
        return
    by_number = {m.number: m for m in left}
    began, done = time.monotonic(), 0
    with open(path, "a", encoding="utf-8") as file, concurrent.futures.ProcessPoolExecutor(2) as pool:
        for number, (by, reached, seconds) in pool.map(try_number, by_number):
            mutant = by_number[number]
            results[mutant.key] = (by, reached)
            file.write(json.dumps({"key": mutant.key, "by": by, "reached": reached, "s": round(seconds, 2)}) + "\n")
            file.flush()
            done += 1
            if done % 50 == 0:
                killed = sum(1 for m in left if results.get(m.key, (None,))[0] is not None)
                say(f"   {done} of {len(left)} tried, {killed} killed, {time.monotonic() - began:.0f} s")


def report(chosen, results, entries):
    """Prints the tables; True when the aim is met."""
    table = defaultdict(Counter)
    open_ones, reasoned = [], []
    for mutant in chosen:
        by, reached = results[mutant.key]
        why = reason_of(mutant, entries) if by is None else None
        kind = "killed" if by is not None else "reason" if why else "open"
        table[mutant.file][kind] += 1
        if kind == "open":
            open_ones.append((mutant, reached))
        elif kind == "reason":
            reasoned.append((mutant, why))
    total = sum(table.values(), Counter())
    say(f"\n{'file':<44}{'sampled':>8}{'killed':>8}{'share':>7}{'reason':>8}{'without':>8}")
    for name, row in [*sorted(table.items()), ("all", total)]:
        count = sum(row.values())
        say(f"{name:<44}{count:>8}{row['killed']:>8}{row['killed'] / count:>7.0%}{row['reason']:>8}{row['open']:>8}")
    say("\nkilled by: " + ", ".join(f"{name} {n}" for name, n in Counter(
        results[m.key][0] for m in chosen if results[m.key][0]).most_common()))
    if reasoned:
        say("\nsurvived, with a reason:")
        for mutant, why in sorted(reasoned, key=lambda r: r[0].key):
            say(f"  {mutant}\n      {why}")
    if open_ones:
        say("\nsurvived, without a reason (a test is missing, or an entry in tests/mutation/survivors.txt):")
        for mutant, reached in sorted(open_ones, key=lambda r: r[0].key):
            say(f"  {mutant}" + ("" if reached else "   [no test reaches it]"))
    count = sum(total.values())
    share = total["killed"] / count if count else 0
    say(f"\n{count} sampled, {total['killed']} killed ({share:.1%}), {total['reason']} survived with a reason, "
        f"{total['open']} survived without")
    return share >= WANTED_SHARE and not open_ones


def main():
    global bench
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=1000, help="how many mutants to try, 0: all (default 1000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", default=os.path.join(WORK, "state.jsonl"))
    parser.add_argument("--file", action="append", default=[], help="only mutants of files whose name holds this")
    parser.add_argument("--list", action="store_true", help="print the mutants there are and stop")
    options = parser.parse_args()
    os.makedirs(WORK, exist_ok=True)
    names = tracked()
    say("== laying out a tree with mutants (build-mutants/)")
    lay_out(names)
    configure()
    found = find_points(names)
    mutants = [m for name in sorted(found) for p in found[name]["points"] for m, _ in p.mutants]
    points.number_repeats(mutants)
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
    if options.list:
        for m in mutants:
            print(m)
        return 0
    say(f"== compiling {len(mutants)} mutants")
    dropped = build(names, found)
    nomem = sum(len(one["left_out"]) for one in found.values())
    kinds = Counter(m.operator for m in mutants)
    say("   " + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common()))
    say(f"   not mutated: {nomem} points that only a failed allocation reaches; {len(dropped)} mutants were not C")
    for name in (n for n in names if is_core(n) and n.endswith(".c") and not found.get(n, {"points": ()})["points"]):
        say(f"   nothing to mutate in {name}")
    mutants = [m for m in mutants if m.number not in dropped and (not options.file or any(f in m.file for f in options.file))]
    entries = read_reasons(os.path.join(HERE, "survivors.txt"))
    everything = {m.key: m for m in mutants}
    chosen = choose(mutants, options.sample, options.seed)
    results = load_state(options.state, digest(names, is_core), digest(names, lambda n: not is_core(n)))
    left = sum(1 for m in chosen if m.key not in results)
    if left:
        say("== what each test reaches")
        bench = Bench(len(everything) + len(dropped) + nomem + 1 + max((m.number for m in mutants), default=0))
        say(f"== trying {left} of {len(chosen)} (seed {options.seed})")
        try_all(chosen, results, options.state)
    good = report(chosen, results, entries)
    if not options.file:
        for entry in entries:
            if not any(reason_of(m, [entry]) for m in mutants):
                say(f"survivors.txt: no such mutant any more: {' '.join(entry.head)}: {entry.text}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
