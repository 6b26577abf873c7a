"""What the journal keeps of it: whose line, how urgent, and about what."""

from harness import (ETC, SERVICE, Simulator, configure, eventually, expect, fresh_start, install, journal, run_tests, sh,
                     systemctl, test)

install()
sim = Simulator()
configure(sim, more="log_level: debug\n")
fresh_start()
message = sim.first_message()


def lines(text):
    return [entry for entry in journal("_COMM=parceld") if text in str(entry["MESSAGE"])]


@test("each line is its own, with its unit, its user and a priority")
def own():
    started = lines("started")[0]
    expect(started["_SYSTEMD_UNIT"] == SERVICE and started["SYSLOG_IDENTIFIER"] == "parceld", started)
    expect(started["PRIORITY"] == "5" and started["_UID"] == sh("id", "-u", "parceld").strip(), started)


@test("what somebody may want to know is told from the daily round by journalctl -p notice")
def priorities():
    sim.fault("{provider: otcommerce, kind: auth, from: '2000-01-01 00:00', to: '2098-01-01 00:00'}")
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: any("provider fails" in entry["MESSAGE"] for entry in journal("-p", "notice", "_COMM=parceld")))
    expect(lines("poll finished"))
    expect(not any("poll finished" in entry["MESSAGE"] for entry in journal("-p", "notice", "_COMM=parceld")))


@test("what a line is about is in fields: the alert, the thing, the provider, the error", needs="journal fields")
def fields():
    alert = next(entry for entry in journal() if "PARCELD_ALERT" in entry)
    expect("1907-2" in str(alert.get("PARCELD_THING")), alert)
    failing = next(entry for entry in journal() if "PARCELD_ERROR" in entry)
    expect(failing.get("PARCELD_PROVIDER") == "otcommerce", failing)
    expect(journal("PARCELD_PROVIDER=otcommerce"))


@test("a stop is told")
def stopped():
    systemctl("stop", SERVICE)
    expect(lines("stopped") and ETC.is_dir())


run_tests()
