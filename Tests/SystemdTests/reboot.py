"""The machine loses its power and comes up again over the same disk: `run` runs this twice, over one."""

import json
import pathlib

from harness import (SERVICE, Simulator, configure, eventually, expect, install, is_active, refused, run_tests, says, sh,
                     show, systemctl, test)

STATE = pathlib.Path("/var/lib/parceld")
MARK = pathlib.Path("/var/tmp/parceld-went-down")
PORT = 1907


def alerts():
    return json.loads(sh("parcelctl", "alerts", "--all", "--json", status=None))


if not MARK.exists():
    install()
    sim = Simulator(port=PORT)
    configure(sim)

    @test("before the reboot an alert is told")
    def before():
        systemctl("enable", "--now", SERVICE)
        sim.first_message()
        expect(len(alerts()) == 1)

    @test("the machine goes down with the daemon running")
    def down():
        # The journal of the database is not closed: with-systemd ends all that runs by SIGKILL, as a power cut would.
        expect(is_active() and (STATE / "parceld.sqlite-wal").stat().st_size > 0)
        MARK.touch()

else:

    @test("after the reboot it is up because it was enabled: nothing else has started it")
    def up():
        expect(is_active() and show("NRestarts") == "0")
        wanted = show("ActiveEnterTimestampMonotonic", "multi-user.target")
        expect(0 < int(show("ActiveEnterTimestampMonotonic")) <= int(wanted), wanted)
        expect("parceld.service" in show("Wants", "multi-user.target").split())

    @test("with its provider away it has found its database whole, with the alert")
    def found():
        expect(says("parceld started", whole=True) and len(alerts()) == 1, alerts())
        sh("parcelctl", "verify")
        expect("1907-2" in sh("parcelctl", "list"))

    @test("once the provider answers, the alert is not told a second time")
    def once():
        # The shop shows what it has shown at the end of the first time.
        sim = Simulator(refused(seconds=-600), port=PORT)
        asked = sim.requests()
        sh("parcelctl", "poll", "otcommerce")
        eventually(lambda: sim.requests() > asked + 2)
        expect(not sim.messages(), sim.messages())

    @test("what is left by the dead daemon does not stop the new one")
    def left():
        expect((STATE / "parceld.sqlite.lock").exists() and is_active())


run_tests()
