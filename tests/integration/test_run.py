"""./run looks at its words before it installs or builds anything, and knows the options of what it calls."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import servers

WRONG = ["demo --bogus", "demo --seed", "demo --seed x", "demo --kafka=1", "demo more",
         "demo --children 2001", "demo --children=0", "demo --days 395", "demo --days=1", "demo --days -4", "test nosuch", "test oracle --sed 4",
         "test fuzz nosuch", "test fuzz line x", "test quick a b", "test integration -x", "test scenarios nofile", "test all x",
         "campaign orakel", "campaign oracle --target", "lint formt", "build x", "bench --only fast", "mutants --sample ten",
         "clean all", "coverage --junk"]
RIGHT = ["demo --seed 3 --days=20 --keep", "test", "test rules", "test test_run", "test integration kills -v", "test quick check_core",
         "test fuzz line 10", "test scenarios config/default/scenarios --coverage --min 3", "lint format units", "build",
         "campaign", "campaign oracle --target 5 --unlinked"]
# Whose options: the verb's words, the program's text, how an option is declared there.
CALLED = [("test oracle", "tests/oracle/run.py", r'add_argument\("(--\w+)"(.*)'),
          ("coverage", "tests/oracle/run.py", r'add_argument\("(--\w+)"(.*)'),
          ("test campaign", "tests/oracle/campaign.py", r'add_argument\("(--\w+)"(.*)'),
          ("campaign oracle", "tests/oracle/campaign.py", r'add_argument\("(--\w+)"(.*)'),
          ("mutants", "tests/mutation/run.py", r'add_argument\("(--\w+)"(.*)'),
          ("bench", "tests/bench/run.py", r'add_argument\("(--\w+)"(.*)'),
          ("demo", "tests/support/demo.sh", r"\[(--\w+)( N)?\]"),
          ("test scenarios", "daemon/cli/test.c", r'^    \{"(\w+)", (NULL|"\w+")')]


def run(words, stubs):
    return subprocess.run([stubs / "run", *words], capture_output=True, text=True, timeout=60, start_new_session=True,
                          env={**os.environ, "PATH": f"{stubs}:{os.environ['PATH']}"})


def stub(folder):
    """Whatever is asked for packages, builds or installs tells that it was asked, and ends ./run with all its processes."""
    folder = pathlib.Path(folder)
    shutil.copy(servers.ROOT / "run", folder)  # it works in the folder where it lies: not in the true one
    for name in ("tests", "config"):
        (folder / name).symlink_to(servers.ROOT / name)
    for name in ("dpkg-query", "apt-get", "sudo", "install", "cmake", "ninja", "python3", "npm", "rm"):
        (folder / name).write_text(f'#!/bin/sh\necho asked >> "{folder}/asked"\nkill -9 0\n')
        (folder / name).chmod(0o755)
    return folder


def asked(folder):
    try:
        (folder / "asked").unlink()
        return True
    except FileNotFoundError:
        return False


def test_wrong_words_are_refused_before_anything_is_built(env):
    with tempfile.TemporaryDirectory() as folder:
        stubs = stub(folder)
        for line in WRONG:
            done = run(line.split(), stubs)
            assert not asked(stubs), f"./run {line}: something was installed or built"
            assert done.returncode == 2, f"./run {line}: {done.returncode}"
            assert done.stderr.startswith("run: ") and "./run " + line.split()[0] in done.stderr, f"./run {line}: {done.stderr}"


def test_right_words_are_let_through(env):
    with tempfile.TemporaryDirectory() as folder:
        stubs = stub(folder)
        for line in RIGHT:
            run(line.split(), stubs)
            assert asked(stubs), f"./run {line} did not begin"


def test_every_option_of_what_is_called_is_known(env):
    with tempfile.TemporaryDirectory() as folder:
        stubs = stub(folder)
        for verb, path, pattern in CALLED:
            found = re.findall(pattern, (servers.ROOT / path).read_text(), re.M)
            assert found, f"no options in {path}"
            for name, more in found:
                flag = "store_true" in more or more == "NULL" or (verb == "demo" and not more)
                name = "--" + name.removeprefix("--")
                words = verb.split() + [name] + ([] if flag else ["distinct" if name == "--only" else "4"])
                run(words, stubs)
                assert asked(stubs), f"./run {' '.join(words)} was refused"
                if not words[0].startswith("test") and verb != "coverage":
                    assert f"[{name}" in run([words[0], "--help"], stubs).stdout, f"./run {words[0]} --help: {name} is missing"
