"""The units as files: how exposed they leave the machine, and that systemd has nothing to say about them."""

import re

from harness import ROOT, expect, install, run_tests, sh, test

UNITS = ROOT / "systemd"
SERVICES = ["parceld.service", "parceld@.service", "parceld-backup.service", "parceld-backup@.service"]
ALL = [*SERVICES, "parceld-backup.timer", "parceld-backup@.timer"]

install()


def named(unit):
    """A template needs a name to be looked at."""
    return unit.replace("@.", "@shop.")


@test("systemd-analyze verify says nothing about any unit")
def verify():
    for unit in ALL:
        said = sh("systemd-analyze", "verify", "--recursive-errors=yes", f"/lib/systemd/system/{named(unit)}")
        ours = [line for line in said.splitlines() if "parceld" in line]
        expect(not ours, ours)


@test("no unit is exposed by more than 1.2")
def security():
    for unit in SERVICES:
        sh("systemd-analyze", "security", "--offline=true", "--threshold=12", UNITS / unit)


@test("the unit of an instance differs from the plain one in its own paths only")
def instances():
    for unit in ["parceld.service", "parceld-backup.service", "parceld-backup.timer"]:
        plain = (UNITS / unit).read_text().split("[Unit]")[1]
        plain = plain.replace("/etc/parceld/parceld.yaml", "/etc/parceld/%i.yaml")
        plain = re.sub(r"/(var/lib|run)/parceld", r"/\1/parceld-%i", plain)
        plain = re.sub(r"^(State|Runtime)Directory=parceld$", r"\1Directory=parceld-%i", plain, flags=re.MULTILINE)
        plain = re.sub(r"^(Description=.*)$", r"\1 (%i)", plain, flags=re.MULTILINE)
        expect(plain == (UNITS / unit.replace(".", "@.")).read_text().split("[Unit]")[1], unit)


@test("the backup's time is a day's, and a day that was slept through is made up for")
def calendar():
    for unit in ["parceld-backup.timer", "parceld-backup@.timer"]:
        text = (UNITS / unit).read_text()
        when = re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE).group(1)
        expect("*-*-* 00:00:00" in sh("systemd-analyze", "calendar", when))
        expect("Persistent=yes" in text and "RandomizedDelaySec=" in text)


run_tests()
