"""The machine goes down and comes up again over the same disk: `run` runs this twice, over one /var/lib/parceld."""

import json
import pathlib

from harness import (SERVICE, Simulator, configure, eventually, expect, install, is_active, refused, run_tests, sh,
                     systemctl, test)

STATE = pathlib.Path("/var/lib/parceld")
is_second = (STATE / "parceld.sqlite").exists()
install()
# The second time the shop shows what it has shown at the end of the first.
sim = Simulator(refused(seconds=-600 if is_second else 10))
configure(sim)


def alerts():
    return json.loads(sh("parcelctl", "alerts", "--all", "--json", status=None))


if not is_second:

    @test("before the reboot an alert is told")
    def before():
        systemctl("enable", "--now", SERVICE)
        sim.first_message()
        expect(alerts())

    @test("the machine goes down with the daemon running")
    def down():
        # The journal of the database is not closed: with-systemd ends all that runs by SIGKILL, as a power cut would.
        expect(is_active())

else:

    @test("after the reboot the database is found whole, with the alert")
    def after():
        systemctl("enable", "--now", SERVICE)
        expect(is_active() and alerts())
        expect("1907-2" in sh("parcelctl", "list"))

    @test("and the alert is not told a second time")
    def once():
        asked = sim.requests()
        sh("parcelctl", "poll", "otcommerce")
        eventually(lambda: sim.requests() > asked + 2)
        expect(not sim.messages(), sim.messages())

    @test("what is left by the dead daemon does not stop the new one")
    def left():
        expect((STATE / "parceld.sqlite.lock").exists() and is_active())


run_tests()
