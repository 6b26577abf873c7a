"""What the pages tell an administrator to type for systemd, the journal, users and the database, word by word."""

import datetime

from harness import (SERVICE, Simulator, configure, eventually, expect, install, journal, run, run_tests, sh, show,
                     systemctl, test)
from pages import commands

# Whether the units that are named run after it.
RUNS = {"start": True, "restart": True, "reload": True, "enable": True, "stop": False, "disable": False}

install()
sim = Simulator()
# The pages ask for an error of Shiptor's, and for what happened to item 1907-2.
sim.fault("{provider: shiptor, kind: auth, from: '2000-01-01 00:00', to: '2098-01-01 00:00'}")
configure(sim, providers=["otcommerce", "shiptor"], more="metrics: {listen: 127.0.0.1:9472}\n")
configure(Simulator(), instance="shop1")
sh("useradd", "olga")
systemctl("start", SERVICE)


def has_happened():
    run("parcelctl", "poll", "otcommerce")
    return journal("PARCELD_THING=1907-2") and journal("-p", "err", "PARCELD_PROVIDER=shiptor")


eventually(has_happened)
day = datetime.date.today()


def as_before():
    """As each page finds it, and each sentence: what is named in one is not a step of a row."""
    systemctl("reset-failed", SERVICE, status=None)
    systemctl("enable", "--now", "--quiet", SERVICE)


def tried(command, begins):
    words = command["text"].split()

    @test(f"{command['document']}:{command['line']}: {command['text']}")
    def attempt():
        if begins:
            as_before()
        # Members of the group read the database, it says; the first page made one of olga.
        user = "olga" if words[0] == "sqlite3" else None
        printed = sh("sh", "-c", command["text"], status=command["status"] or 0, user=user)
        if words[0] == "journalctl" and datetime.date.today() == day:
            expect("parceld" in printed or "PARCELD" in printed, printed)
        if words[0] == "curl":
            expect("parceld_build_info" in printed, printed)
        if words[0] == "systemctl" and words[1] in RUNS:
            for unit in (word for word in words[2:] if word.startswith("parceld")):
                expect((show("ActiveState", unit) == "active") == RUNS[words[1]], unit)


found = list(commands())
for number, command in enumerate(found):
    is_first = number == 0 or found[number - 1]["document"] != command["document"]
    tried(command, is_first or command["isInline"] or found[number - 1]["isInline"])


@test("the pages show such commands at all")
def count():
    expect(len(found) > 25 and {command["text"].split()[0] for command in found} >= {"systemctl", "journalctl", "sqlite3"})


run_tests()
