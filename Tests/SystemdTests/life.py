"""Stopped, killed, hung, starved and mistaken: what becomes of it each time."""

import contextlib
import ctypes
import os
import pathlib
import signal
import sqlite3
import time

from harness import (ETC, SERVICE, Simulator, configure, drop_in, ends_with, eventually, expect, fresh_start,
                     from_here, install, is_active, journal, pid, run_tests, says, sh, show, systemctl, test, write)

DATABASE = pathlib.Path("/var/lib/parceld/parceld.sqlite")
CGROUPS = 2 if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists() else 1
install()
sim = Simulator()
configure(sim)


def restarts():
    return int(show("NRestarts"))


def told():
    return [message["text"] for message in sim.messages() if not message["repeat"]]


def sound():
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True) as database:
        return database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@test("after kill -9 it comes back by itself, with its database, and tells nothing twice")
def killed():
    fresh_start()
    sim.first_message()
    before = told()
    for count in (1, 2):
        asked, old = sim.requests(), pid()
        os.kill(old, signal.SIGKILL)
        eventually(lambda: restarts() == count and is_active())
        expect(pid() != old)
        sh("parcelctl", "poll", "otcommerce")
        eventually(lambda: sim.requests() > asked)
    expect(sound())
    expect(told() == before, told())


@test("a daemon that hangs is ended by the watchdog and comes back")
def hung():
    drop_in("[Service]\nWatchdogSec=4s\n")
    fresh_start()
    expect(show("WatchdogUSec") == "4s")
    os.kill(pid(), signal.SIGSTOP)
    eventually(lambda: restarts() == 1 and is_active(), within=60)
    expect(says("Watchdog timeout (limit 4s)"))
    drop_in("")


def transfer_thread():
    """The one that waits for an answer: of all of them it alone is in poll(2) with an end to that."""
    for task in pathlib.Path(f"/proc/{pid()}/task").iterdir():
        call = (task / "syscall").read_text().split()
        if call[0] == "7" and int(call[3], 16) < 60_000:
            return int(task.name)
    return None


@contextlib.contextmanager
def held(thread):
    """Stops one thread alone, as a call that does not come back would: a process of ours traces it."""
    libc = ctypes.CDLL(None, use_errno=True)
    wall = 0x40000000  # __WALL: threads of others
    reading, writing = os.pipe()
    tracer = os.fork()
    if tracer == 0:
        with contextlib.suppress(OSError):
            if libc.ptrace(16, thread, 0, 0) == 0:  # PTRACE_ATTACH
                os.waitpid(thread, wall)
                os.write(writing, b"held")
                # It is gone only once its tracer has heard of that.
                os.waitpid(thread, wall)
        os._exit(0)
    os.close(writing)
    try:
        expect(os.read(reading, 4) == b"held", "the thread cannot be traced")
        yield
    finally:
        os.close(reading)
        os.kill(tracer, signal.SIGKILL)
        os.waitpid(tracer, 0)


@test("one pass that hangs is enough, though all else goes on: the watchdog waits for it, ends the daemon, and it comes back")
def stuck():
    drop_in("[Service]\nWatchdogSec=4s\n")
    right = (ETC / "parceld.yaml").read_text()
    write(ETC / "parceld.yaml", right + "http: {timeout: 5 s}\n")
    fresh_start()
    process, asked = pid(), sim.requests()
    sim.fault("{provider: otcommerce, kind: hang, times: 1}")
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: sim.requests() > asked)
    with held(eventually(transfer_thread)):
        began = time.monotonic()
        # All else lives on: whoever asks the daemon is answered.
        expect(ends_with("parcelctl", "ack", "1907-2") != 69)
        eventually(lambda: pid() != process, within=90)
        took = time.monotonic() - began
    print(f"     {took:.0f} s")
    # What the request may take, and a minute.
    expect(took > 60 and says("Watchdog timeout (limit 4s)"), took)
    eventually(lambda: restarts() == 1 and is_active())
    asked = sim.requests()
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: sim.requests() > asked)
    write(ETC / "parceld.yaml", right)
    drop_in("")


@test("one that has nothing to do is not taken for one that hangs")
def idle():
    drop_in("[Service]\nWatchdogSec=1s\n")
    fresh_start()
    # The watchdog has to have been fed for longer than its limit.
    end = time.monotonic() + 4
    eventually(lambda: time.monotonic() > end)
    expect(is_active() and restarts() == 0, restarts())
    drop_in("")


@test("a stop in the middle of transfers is done within ten seconds, in good order")
def stopped():
    fresh_start()
    asked = sim.requests()
    sim.fault(f"{{provider: otcommerce, kind: hang, from: '2000-01-01 00:00', to: '2098-01-01 00:00'}}")
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: sim.requests() > asked)
    # The start has ended another one, which has said the same.
    from_here()
    began = time.monotonic()
    systemctl("stop", SERVICE)
    took = time.monotonic() - began
    print(f"     {took:.1f} s")
    expect(took < 10, took)
    expect(show("Result") == "success", (show("Result"), [entry.get("MESSAGE") for entry in journal()][-12:]))
    eventually(lambda: says("parceld stopped"))
    expect(sound())


@test("a wrong configuration ends with 78, is told with its line, and is not tried again")
def mistaken():
    right = (ETC / "parceld.yaml").read_text()
    write(ETC / "parceld.yaml", right.replace("every: 10 min", "every: soon"))
    systemctl("reset-failed", SERVICE, status=None)
    expect(ends_with("systemctl", "start", SERVICE) != 0)
    eventually(lambda: show("ActiveState") == "failed")
    expect(show("ExecMainStatus") == "78" and restarts() == 0)
    eventually(lambda: says("parceld.yaml:"))
    write(ETC / "parceld.yaml", right)
    fresh_start()
    expect(is_active())


@test("what fails five times is left to a person")
def five():
    systemctl("stop", SERVICE)
    kept = pathlib.Path("/var/tmp/kept")
    DATABASE.parent.rename(kept)
    sh("install", "-d", "-o", "parceld", "-g", "parceld", "-m", "750", DATABASE.parent)
    sh("runuser", "-u", "parceld", "--", "sh", "-c", f"echo 'not a database, whatever its name says' >{DATABASE}")
    drop_in("[Service]\nRestartSec=100ms\n")
    systemctl("reset-failed", SERVICE, status=None)
    ends_with("systemctl", "start", SERVICE)
    eventually(lambda: says("Start request repeated too quickly"), within=60)
    eventually(lambda: show("ActiveState") == "failed")
    starts = [entry for entry in journal() if "Scheduled restart job" in str(entry.get("MESSAGE"))]
    expect("restart counter is at 5" in starts[-1]["MESSAGE"], starts[-1]["MESSAGE"])
    expect(DATABASE.read_text().startswith("not a database"), "the daemon touched the file")
    sh("rm", "-r", DATABASE.parent)
    kept.rename(DATABASE.parent)
    drop_in("")
    fresh_start()
    expect(is_active())


def grown(process):
    """How large a process has become until it is gone, in MiB, beside the files that it has mapped."""
    most, end = 0, time.monotonic() + 60
    with contextlib.suppress(OSError):
        while time.monotonic() < end:
            resident, files = map(int, pathlib.Path(f"/proc/{process}/statm").read_text().split()[1:3])
            most = max(most, resident - files)
            time.sleep(0.001)
            if not resident:
                break
    return most * os.sysconf("SC_PAGESIZE") >> 20


def ends_of(unit):
    """What systemd calls the ends of a unit."""
    said = [str(entry.get("MESSAGE")) for entry in journal(unit=unit)]
    return [line.split("'")[1] for line in said if "Failed with result" in line]


@test("one that outgrows its memory is ended, alone, and comes back")
def memory():
    systemctl("stop", SERVICE)
    right = (ETC / "parceld.yaml").read_text()
    # An answer without an end, once: the limit on answers is set aside, so memory is the only one.
    sim = Simulator("faults:\n  - {provider: otcommerce, kind: endless, times: 1}\n")
    configured = configure(sim, more="http: {body_limit: 1024 MiB}\n")
    drop_in("[Service]\nMemoryMax=96M\n")
    # In the same slice, and as large as it wants.
    sh("systemd-run", "--unit=neighbour", "--slice=system.slice", "sleep", "infinity")
    neighbour = pid("neighbour.service")
    expect(show("Slice") == show("Slice", "neighbour.service") == "system.slice")
    systemctl("reset-failed", SERVICE, status=None)
    systemctl("start", SERVICE)
    most = grown(pid())
    eventually(lambda: restarts() == 1 and is_active(), within=60)
    # With control groups of version 1 the kernel does not say whose SIGKILL it was.
    expect(ends_of(SERVICE) == ["oom-kill" if CGROUPS == 2 else "signal"], ends_of(SERVICE))
    expect(CGROUPS == 2 or says("status=9/KILL"))
    print(f"     {most} MiB")
    expect(64 < most <= 96 and not says("Watchdog timeout"), most)
    expect(pid("neighbour.service") == neighbour and is_active("neighbour.service") and sim.process.poll() is None)
    asked = sim.requests()
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: sim.requests() > asked)
    systemctl("stop", "neighbour.service")
    drop_in("")
    write(configured, right)


@test("the unit's own limits are in force")
def limits():
    fresh_start()
    expect(int(show("MemoryMax")) == 1 << 30 and int(show("TasksMax")) == 128)
    expect(int(show("MemoryCurrent")) < 128 << 20, show("MemoryCurrent"))


run_tests()
