#!/usr/bin/env python3
"""Integration tests on a real Kafka broker and a real Redis, one of each for the whole run.

    run.py [-v] [NAME...]     NAME: a test module (rules), a test (test_x), or `kills` (all 200 kills)

A test is a function test_*(env) in tests/integration/test_*.py. Last line: "N passed, N failed, N skipped"; a test is
skipped only by raising env.Skip, which nothing does by default."""

import importlib
import inspect
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from environment import Environment, Skip  # noqa: E402  (needs the path above)


def collect(names):
    """All tests in file order; with names only those whose module or function is named."""
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        short = path.stem.removeprefix("test_")
        module = importlib.import_module(path.stem)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("test_") or function.__module__ != module.__name__:
                continue
            if not names or short in names or name in names or path.stem in names:
                found.append((inspect.getsourcelines(function)[1], short, name, function))
    return sorted(found, key=lambda test: (test[1], test[0]))


def main(arguments):
    verbose = "-v" in arguments
    names = [a for a in arguments if not a.startswith("-")]
    tests = collect(names)
    passed = failed = skipped = 0
    with Environment(verbose=verbose, all_kills="kills" in names) as env:
        for _, short, name, function in tests:
            start = time.monotonic()
            try:
                function(env)
                passed += 1
                verdict = "ok   "
            except Skip as reason:
                skipped += 1
                verdict = f"skip  ({reason})"
            except Exception:
                failed += 1
                verdict = "FAIL "
                traceback.print_exc()
                env.print_logs()
            finally:
                env.clean_up()
            print(f"{verdict} {short}: {name} {time.monotonic() - start:.1f} s", flush=True)
    if not tests:
        print("no test of that name")
        failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
