"""The installed service under a real systemd: tests/support/sdbox boots one over a throwaway overlay of this machine,
`cmake --install` puts the just-built program into it, and the shipped unit runs it against real Kafka and Redis.

Needs root (sudo -n is used when not). Runs alone too: python tests/integration/test_systemd.py
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from servers import ROOT, SUPPORT, Kafka, ServerError, build_dir, wait_for  # noqa: E402

UNIT = "driftwatchd"
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


def expect(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, expected {wanted!r}")


class Box:
    """The namespaces with their systemd; everything is done in it by `exec`."""

    def __init__(self):
        self.state = tempfile.mkdtemp(prefix="dw-box-")
        self.script = str(SUPPORT / "sdbox")

    def __enter__(self):
        subprocess.run([*AS_ROOT, self.script, "start", self.state, "--host-net"], check=True, timeout=60)
        return self

    def __exit__(self, *_):
        subprocess.run([*AS_ROOT, self.script, "stop", self.state], timeout=60)
        subprocess.run([*AS_ROOT, "rm", "-rf", self.state], timeout=60)

    def exec(self, *command, check=True, stdin="", timeout=60):
        done = subprocess.run([*AS_ROOT, self.script, "exec", self.state, *command], input=stdin, text=True,
                              capture_output=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def write(self, path, text, mode="644"):
        self.exec("install", "-D", "-m", mode, "/dev/stdin", path, stdin=text)

    def install_program(self):
        env = [f"DESTDIR={self.state}/root"]
        subprocess.run([*AS_ROOT, "env", *env, "cmake", "--install", str(build_dir()), "--prefix", "/usr"], check=True,
                       timeout=60, stdout=subprocess.DEVNULL)
        self.exec("systemd-sysusers", "/usr/lib/sysusers.d/driftwatch.conf")

    def show(self, name):
        return self.exec("systemctl", "show", UNIT, "-p", name, "--value").stdout.strip()

    def journal(self):
        return self.exec("journalctl", "-u", UNIT, "-o", "cat", "--no-pager").stdout

    def until(self, name, value, seconds=15):
        try:
            wait_for(f"{name}={value}", seconds, lambda: self.show(name) == value, pause=0.1)
        except ServerError:
            raise AssertionError(f"{name} is {self.show(name)}, expected {value} within {seconds} s; the journal ends:\n"
                                 + "\n".join(self.journal().splitlines()[-15:])) from None


class Service:
    """Box, servers and settings around the unit; `with Service() as s` has it installed and not yet started."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self.kafka = self.stack.enter_context(Kafka())
            self.box = self.stack.enter_context(Box())
            self._prepare()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def _prepare(self):
        box = self.box
        box.install_program()
        # Redis inside: a unix socket does not reach through an overlay
        box.exec("systemd-run", "--unit=test-redis", "-p", "RuntimeDirectory=test-redis", "redis-server", "--port", "0",
                 "--unixsocket", "/run/test-redis/redis.sock", "--unixsocketperm", "777", "--dir", "/run/test-redis",
                 "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction")
        box.exec("chmod", "755", "/run/test-redis")
        # The sanitized build asks for ptrace at its end to look for leaks, which the unit rightly forbids.
        box.write(f"/etc/systemd/system/{UNIT}.service.d/test.conf",
                  "[Service]\nWatchdogSec=3\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n"
                  "LoadCredential=dw-auth:/etc/driftwatch/secrets/dw-auth\n")
        box.write("/etc/driftwatch/secrets/dw-auth", uuid.uuid4().hex * 2, mode="600")
        self.http = f"127.0.0.1:{20000 + os.getpid() % 9000}"
        self.settings()
        for topic in ("casework.events", "driftwatch.alerts", "driftwatch.deadletter"):
            self.kafka.create_topic(topic, 2)
        box.exec("systemctl", "daemon-reload")

    def settings(self, more="", level="info"):
        self.box.write("/etc/driftwatch/driftwatch.yaml", f"""\
kafka:
  brokers: {self.kafka.bootstrap}
  partitions: 2
redis:
  address: unix:/run/test-redis/redis.sock
auth:
  key_file: dw-auth
http:
  listen: {self.http}
log:
  level: {level}
{more}""")

    def start(self):
        self.box.exec("systemctl", "start", UNIT)
        expect("state after start", self.box.show("SubState"), "running")

    def answer(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def check_unit(s):
    """The shipped unit, in place: no complaint of systemd about it, and hardened."""
    s.box.exec("systemd-analyze", "verify", "--man=no", f"{UNIT}.service")
    s.box.exec("systemd-analyze", "security", "--threshold=15", "--no-pager", f"{UNIT}.service")


def check_wrong_settings(s):
    """Wrong settings: exit 78, said in the journal, and not tried again and again."""
    s.box.exec("mv", "/etc/driftwatch/driftwatch.yaml", "/etc/driftwatch/good.yaml")
    s.settings(more="policy:\n  standards: 17x.yaml\n")
    done = s.box.exec("systemctl", "start", UNIT, check=False)
    expect("start with wrong settings fails", done.returncode != 0, True)
    expect("exit status", s.box.show("ExecMainStatus"), "78")
    expect("restarts", s.box.show("NRestarts"), "0")
    expect("the journal names the file", "17x.yaml" in s.box.journal(), True)
    s.box.exec("mv", "/etc/driftwatch/good.yaml", "/etc/driftwatch/driftwatch.yaml")
    s.box.exec("systemctl", "reset-failed", UNIT)


def check_ready(s):
    """READY=1 ends the start; the process is the service's user, confined, and serves."""
    s.start()
    pid = s.box.show("MainPID")
    status = dict(line.split(":\t", 1) for line in s.box.exec("cat", f"/proc/{pid}/status").stdout.splitlines()
                  if ":\t" in line)
    user = s.box.exec("id", "-u", "driftwatch").stdout.strip()
    expect("user", status["Uid"].split()[0], user)
    expect("no new privileges", status["NoNewPrivs"], "1")
    expect("system call filter", status["Seccomp"], "2")
    expect("capabilities", int(status["CapEff"], 16), 0)
    wait_for("/readyz", 20, lambda: s.answer("/readyz") == 200)
    expect("/livez", s.answer("/livez"), 200)
    expect("says what it does", s.box.show("StatusText") != "", True)


def check_watchdog_fed(s):
    """Idle, with a watchdog of 3 s, for 7 s: still the same process."""
    pid = s.box.show("MainPID")
    time.sleep(7)
    expect("process", s.box.show("MainPID"), pid)
    expect("restarts", s.box.show("NRestarts"), "0")


def check_reload(s):
    """Reload keeps the process; wrong settings keep the old ones and are named in the journal."""
    pid = s.box.show("MainPID")
    s.settings(level="debug")
    s.box.exec("systemctl", "reload", UNIT)
    s.box.until("ActiveState", "active")
    expect("process after reload", s.box.show("MainPID"), pid)
    s.settings(more="nonsense: 1\n")
    s.box.exec("systemctl", "reload", UNIT, check=False)
    wait_for("the journal naming the wrong key", 10, lambda: "nonsense" in s.box.journal())
    s.box.until("ActiveState", "active")
    expect("process after a refused reload", s.box.show("MainPID"), pid)
    expect("/readyz", s.answer("/readyz"), 200)
    s.settings()


def check_kill(s):
    """kill -9: started again, and ready again."""
    s.box.exec("systemctl", "kill", "--kill-who=main", "-s", "KILL", UNIT)
    s.box.until("NRestarts", "1")
    s.box.until("SubState", "running")
    wait_for("/readyz after kill -9", 30, lambda: s.answer("/readyz") == 200)


def check_hang(s):
    """A process that does nothing any more is ended by the watchdog and started again."""
    s.box.exec("systemctl", "kill", "--kill-who=main", "-s", "STOP", UNIT)
    s.box.until("NRestarts", "2", seconds=20)
    s.box.until("SubState", "running", seconds=30)
    expect("watchdog in the journal", "Watchdog timeout" in s.box.exec("journalctl", "-u", UNIT, "--no-pager").stdout,
           True)
    wait_for("/readyz after the watchdog", 30, lambda: s.answer("/readyz") == 200)


def check_stop(s):
    """SIGTERM: exit 0 within 5 s."""
    begin = time.monotonic()
    s.box.exec("systemctl", "stop", UNIT)
    took = time.monotonic() - begin
    expect("result", s.box.show("Result"), "success")
    expect("exit status", s.box.show("ExecMainStatus"), "0")
    expect("killed after", s.box.show("ExecMainCode"), "1")  # CLD_EXITED, not killed
    if took > 5:
        raise AssertionError(f"the stop took {took:.1f} s, allowed are 5")


# In this order: each begins in the state the one before left.
CHECKS = [check_unit, check_wrong_settings, check_ready, check_watchdog_fed, check_reload, check_kill, check_hang,
          check_stop]


def run(report):
    """Runs all checks; report(name, error or None) is called once for each. A failed one fails those after it."""
    broken = None
    try:
        with Service() as s:
            for check in CHECKS:
                name = "systemd: " + check.__name__.removeprefix("check_")
                if broken is not None:
                    report(name, f"not reached: {broken} failed")
                    continue
                try:
                    check(s)
                    report(name, None)
                except (AssertionError, ServerError, subprocess.SubprocessError) as error:
                    broken = name
                    report(name, f"{error}\n" + "\n".join(s.box.journal().splitlines()[-15:]))
    except (AssertionError, ServerError, subprocess.SubprocessError) as error:
        if broken is None:
            report("systemd: box", str(error))


def main():
    counts = {True: 0, False: 0}

    def report(name, error):
        counts[error is None] += 1
        print(("ok    " if error is None else "FAIL  ") + name + ("" if error is None else f": {error}"), flush=True)

    run(report)
    print(f"{counts[True]} passed, {counts[False]} failed, 0 skipped")
    return 1 if counts[False] or not counts[True] else 0


if __name__ == "__main__":
    sys.exit(main())
