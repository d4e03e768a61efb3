"""The installed service under a real systemd: tests/support/sdbox boots one over a throwaway overlay of this machine,
`cmake --install` puts the just-built program into it, and the shipped unit runs it against real Kafka and Redis.

Needs root (sudo -n is used when not). One box serves all tests of this file; each starts the service if it must.
"""

import atexit
import functools
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid

from environment import STOP_SECONDS
from servers import SUPPORT, ServerError, build_dir, wait_for

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

        subprocess.run([*AS_ROOT, self.script, "start", self.state, "--host-net"], check=True, timeout=60)

    def close(self):
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

    def tail(self):
        return "\n".join(self.journal().splitlines()[-15:])

    def until(self, name, value, seconds=15):
        try:
            wait_for(f"{name}={value}", seconds, lambda: self.show(name) == value, pause=0.1)
        except ServerError:
            raise AssertionError(f"{name} is {self.show(name)}, expected {value} within {seconds} s; the journal ends:\n"
                                 f"{self.tail()}") from None


class Service:
    """Box, settings and the installed unit, not yet started."""

    def __init__(self, kafka):
        self.kafka = kafka
        self.box = Box()
        try:
            self._prepare()
        except BaseException:
            self.box.close()
            raise

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
                  "[Service]\nWatchdogSec=3\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n")
        box.write(f"/etc/systemd/system/{UNIT}.service.d/credential.conf",
                  "[Service]\nLoadCredential=dw-auth:/etc/driftwatch/secrets/dw-auth\n")
        box.write("/etc/driftwatch/secrets/dw-auth", uuid.uuid4().hex * 2, mode="600")
        self.http = f"127.0.0.1:{20000 + os.getpid() % 9000}"
        self.tag = f"systemd-{os.getpid()}"
        self.settings()
        box.exec("driftwatchd", "--config", "/etc/driftwatch/driftwatch.yaml", "--setup")
        # A unit nobody refers to is unloaded when it stops, and forgets how it ended.
        box.exec("systemctl", "add-wants", "sdbox.target", f"{UNIT}.service")
        box.exec("systemctl", "daemon-reload")

    def settings(self, more="", level="info"):
        self.box.write("/etc/driftwatch/driftwatch.yaml", f"""\
kafka:
  brokers: {self.kafka.bootstrap}
  partitions: 2
  group: {self.tag}
  topics:
    input: {self.tag}-events
    alerts: {self.tag}-alerts
    deadletter: {self.tag}-deadletter
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
        """Starts it unless it runs; back when it is ready."""
        self.box.exec("systemctl", "reset-failed", UNIT, check=False)
        self.box.exec("systemctl", "start", UNIT, check=False)
        if self.box.show("SubState") != "running":
            raise AssertionError(f"it did not start: {self.box.show('Result')}; the journal ends:\n{self.box.tail()}")
        self.wait_ready()

    def wait_ready(self, seconds=30):
        wait_for("/readyz", seconds, lambda: self.answer("/readyz") == 200)

    def restarts(self):
        return int(self.box.show("NRestarts"))

    def answer(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@functools.cache
def service(env):
    """The one box of this run. What cannot be set up once is not tried again for every test."""
    try:
        made = Service(env.kafka)
    except Exception as error:
        return Broken(error)
    atexit.register(made.box.close)
    return made


class Broken:
    def __init__(self, error):
        self.error = error

    def __getattr__(self, _):
        raise AssertionError(f"the box was not set up: {self.error}")


def test_unit_is_sound_and_hardened(env):
    """The shipped unit, where it is installed, with the real program: systemd has no complaint."""
    box = service(env).box
    box.exec("systemd-analyze", "verify", "--man=no", f"{UNIT}.service")
    box.exec("systemd-analyze", "security", "--threshold=15", "--no-pager", f"{UNIT}.service")


def test_wrong_settings_are_not_retried(env):
    """Exit 78, the reason in the journal, and no restart."""
    s = service(env)
    s.box.exec("systemctl", "stop", UNIT)
    s.settings(more="policy:\n  standards: 17x.yaml\n")
    done = s.box.exec("systemctl", "start", UNIT, check=False)
    s.settings()
    expect("start with wrong settings fails", done.returncode != 0, True)
    expect("exit status", s.box.show("ExecMainStatus"), "78")
    expect("restarts", s.restarts(), 0)
    expect("the journal names the file", "17x.yaml" in s.box.journal(), True)


def test_ready_and_confined(env):
    """READY=1 ends the start; the process is the service's own user without rights, and serves."""
    s = service(env)
    s.start()
    pid = s.box.show("MainPID")
    lines = s.box.exec("cat", f"/proc/{pid}/status").stdout.splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    expect("user", status["Uid"].split()[0], s.box.exec("id", "-u", "driftwatch").stdout.strip())
    expect("no new privileges", status["NoNewPrivs"], "1")
    expect("system call filter", status["Seccomp"], "2")
    expect("capabilities", int(status["CapEff"], 16), 0)
    expect("/livez", s.answer("/livez"), 200)
    expect("says what it does", s.box.show("StatusText") != "", True)


def test_credential_is_needed_and_read(env):
    """The key comes by LoadCredential: without the credential the service refuses to start."""
    s = service(env)
    s.box.exec("systemctl", "stop", UNIT)
    s.box.exec("mv", f"/etc/systemd/system/{UNIT}.service.d/credential.conf", "/etc/credential.conf")
    s.box.exec("systemctl", "daemon-reload")
    done = s.box.exec("systemctl", "start", UNIT, check=False)
    s.box.exec("mv", "/etc/credential.conf", f"/etc/systemd/system/{UNIT}.service.d/credential.conf")
    s.box.exec("systemctl", "daemon-reload")
    expect("start without the credential fails", done.returncode != 0, True)
    s.start()


def test_watchdog_is_fed_while_idle(env):
    """Idle, with a watchdog of 3 s, for 7 s: still the same process."""
    s = service(env)
    s.start()
    pid = s.box.show("MainPID")
    time.sleep(7)
    expect("process", s.box.show("MainPID"), pid)


def test_reload(env):
    """Reload keeps the process; wrong settings keep the old ones and are named in the journal."""
    s = service(env)
    s.start()
    pid = s.box.show("MainPID")
    s.settings(level="debug")
    s.box.exec("systemctl", "reload", UNIT)
    s.box.until("ActiveState", "active")
    s.settings(more="nonsense: 1\n")
    s.box.exec("systemctl", "reload", UNIT, check=False)
    wait_for("the journal naming the wrong key", 10, lambda: "nonsense" in s.box.journal())
    s.box.until("ActiveState", "active")
    s.settings()
    expect("process after a refused reload", s.box.show("MainPID"), pid)
    expect("/readyz", s.answer("/readyz"), 200)


def test_kill_is_followed_by_a_restart(env):
    s = service(env)
    s.start()
    before = s.restarts()
    s.box.exec("systemctl", "kill", "--kill-who=main", "-s", "KILL", UNIT)
    s.box.until("NRestarts", str(before + 1))
    s.box.until("SubState", "running", seconds=30)
    s.wait_ready()


def test_hang_is_ended_by_the_watchdog(env):
    """A process that does nothing any more is ended and started again."""
    s = service(env)
    s.start()
    before = s.restarts()
    s.box.exec("systemctl", "kill", "--kill-who=main", "-s", "STOP", UNIT)
    s.box.until("NRestarts", str(before + 1), seconds=30)
    s.box.until("SubState", "running", seconds=30)
    system = s.box.exec("journalctl", "-u", UNIT, "--no-pager").stdout
    expect("watchdog in the journal", "Watchdog timeout" in system, True)
    s.wait_ready()


def test_stop_within_five_seconds(env):
    """SIGTERM: exit 0 within 5 s."""
    s = service(env)
    s.start()
    begin = time.monotonic()
    s.box.exec("systemctl", "stop", UNIT)
    took = time.monotonic() - begin
    expect("result", s.box.show("Result"), "success")
    expect("ended by itself", s.box.show("ExecMainCode"), "1")  # CLD_EXITED
    expect("exit status", s.box.show("ExecMainStatus"), "0")
    if took > STOP_SECONDS:
        raise AssertionError(f"the stop took {took:.1f} s, allowed are {STOP_SECONDS}")
