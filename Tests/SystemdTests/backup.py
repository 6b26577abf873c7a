"""The daily backup: by its timer, while the daemon runs, as its user, and only so many."""

import pathlib
import time

from harness import (SERVICE, Simulator, configure, drop_in, eventually, expect, fresh_start, install, is_active,
                     run_tests, sh, show, systemctl, test)

DATABASE = pathlib.Path("/var/lib/parceld/parceld.sqlite")
BACKUPS = pathlib.Path("/var/lib/parceld/backups")


def copies():
    """Those that are whole: one that is being made has another ending."""
    return set(BACKUPS.glob("*.sqlite"))


install()
sim = Simulator()
configure(sim)
fresh_start()
sim.first_message()


@test("the timer is armed for the coming night, once it is enabled")
def timer():
    systemctl("enable", "--now", "parceld-backup.timer")
    expect(show("NextElapseUSecRealtime", "parceld-backup.timer") != "")
    expect(show("Unit", "parceld-backup.timer") == "parceld-backup.service")


@test("it backs the database up while the daemon runs, for the group and nobody else")
def copy():
    systemctl("start", "parceld-backup.service")
    expect(show("Result", "parceld-backup.service") == "success" and is_active())
    (made,) = copies()
    expect(sh("stat", "-c", "%U:%G", made).strip() == "parceld:parceld")
    expect(int(sh("stat", "-c", "%a", made), 8) & 0o007 == 0)


@test("of many copies the newest fourteen are kept")
def kept():
    for _ in range(15):
        # Their names are of a second.
        second = int(time.time())
        eventually(lambda: int(time.time()) > second)
        systemctl("reset-failed", "parceld-backup.service", status=None)
        systemctl("start", "parceld-backup.service")
    expect(len(copies()) == 14, copies())


@test("the timer starts it")
def elapsed():
    before = copies()
    systemctl("reset-failed", "parceld-backup.service", status=None)
    drop_in("[Timer]\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=10ms\n", "parceld-backup.timer")
    systemctl("restart", "parceld-backup.timer")
    eventually(lambda: copies() - before)


@test("a copy is a whole database, and what it has can be asked")
def whole():
    newest = max(copies(), key=lambda path: path.stat().st_mtime)
    sh("parcelctl", "verify", newest)
    expect("1907-2" in sh("parcelctl", "list", "--database", newest))
    expect(is_active(SERVICE))


@test("it is restored when the daemon stands still, keeps its owner, and the old one is kept")
def restored():
    newest = max(copies(), key=lambda path: path.stat().st_mtime)
    expect("stop" in sh("parcelctl", "restore", newest, status=75))
    systemctl("stop", SERVICE)
    sh("parcelctl", "restore", newest)
    expect(sh("stat", "-c", "%U:%G", DATABASE).strip() == "parceld:parceld")
    expect(len(list(DATABASE.parent.glob(DATABASE.name + ".before-restore-*"))) >= 1)
    systemctl("start", SERVICE)
    expect(is_active() and "1907-2" in sh("parcelctl", "list"))


run_tests()
