"""What the journal keeps of it: whose line, how urgent, and about what."""

from harness import (ETC, SERVICE, Simulator, configure, eventually, expect, fresh_start, install, journal, run_tests, sh,
                     systemctl, test)

install()
sim = Simulator()
configure(sim, more="log_level: debug\n")
fresh_start()
message = sim.first_message()


def lines(text, **where):
    return [entry for entry in journal("_COMM=parceld", **where) if text in str(entry["MESSAGE"])]


@test("each line is its own, with its unit, its user and a priority")
def own():
    started = lines("started", whole=True)[0]
    expect(started["_SYSTEMD_UNIT"] == SERVICE and started["SYSLOG_IDENTIFIER"] == "parceld", started)
    expect(started["PRIORITY"] == "5" and started["_UID"] == sh("id", "-u", "parceld").strip(), started)


@test("what somebody has to act on is told from the daily round by journalctl -p err")
def priorities():
    expect(not journal("-p", "err", "_COMM=parceld", whole=True))
    sim.fault("{provider: otcommerce, kind: auth, from: '2000-01-01 00:00', to: '2098-01-01 00:00'}")
    sh("parcelctl", "poll", "otcommerce")
    (error,) = eventually(lambda: journal("-p", "err", "_COMM=parceld"))
    expect("refuses the login" in error["MESSAGE"], error)
    eventually(lambda: lines("poll finished"))


@test("what a line is about is in fields: the alert, the thing, the provider, the error")
def fields():
    alert = next(entry for entry in journal(whole=True) if "PARCELD_ALERT" in entry)
    expect("1907-2" in str(alert.get("PARCELD_THING")), alert)
    failing = next(entry for entry in journal(whole=True) if "PARCELD_ERROR" in entry)
    expect(failing.get("PARCELD_PROVIDER") == "otcommerce", failing)
    expect(journal("PARCELD_PROVIDER=otcommerce", whole=True))


@test("a stop is told")
def stopped():
    systemctl("stop", SERVICE)
    eventually(lambda: lines("stopped"))
    expect(ETC.is_dir())


run_tests()
