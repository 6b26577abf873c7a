"""systemctl reload: all of a new configuration or none of it, in the same process."""

from harness import (ETC, SERVICE, Simulator, configure, eventually, expect, fresh_start, install, is_active, journal,
                     pid, run_tests, says, sh, show, systemctl, test, write)

install()
sim = Simulator()
path = configure(sim)
fresh_start()
process = pid()
right = path.read_text()


def details(**where):
    return journal("-p", "debug..debug", "_COMM=parceld", **where)


@test("a changed configuration is taken by the same process")
def changed():
    expect(not details(whole=True))
    write(path, "log_level: debug\n" + right)
    systemctl("reload", SERVICE)
    eventually(lambda: says("the configuration was read anew"))
    sh("parcelctl", "poll", "otcommerce")
    eventually(details)
    expect(pid() == process and is_active())


@test("of one with a mistake nothing is taken, and the journal, the status line and parcelctl say so")
def mistaken():
    write(path, right.replace("every: 10 min", "every: soon"))
    systemctl("reload", SERVICE)
    eventually(lambda: says("providers.otcommerce.every"))
    eventually(lambda: "mistake" in show("StatusText"))
    expect("providers.otcommerce.every" in sh("parcelctl", "status", "--language", "en", status=1))
    expect(pid() == process and is_active())


@test("meanwhile it goes on as before")
def goes_on():
    # It is asked by parcelctl, which takes what it can still read of the file and says so.
    asked = sim.requests()
    expect("warning: " in sh("parcelctl", "poll", "otcommerce"))
    eventually(lambda: sim.requests() > asked)
    expect("mistake" in show("StatusText") and pid() == process)


@test("once it is mended all is well again")
def mended():
    write(path, right)
    systemctl("reload", SERVICE)
    eventually(lambda: "mistake" not in show("StatusText"))
    expect(pid() == process and show("NRestarts") == "0")


@test("a secret that was changed is used from then on")
def secret():
    write(ETC / "secrets" / "otcommerce-password", "wrong\n")
    systemctl("reload", SERVICE)
    sh("parcelctl", "poll", "otcommerce", status=None)
    eventually(lambda: "authentication" in sh("parcelctl", "alerts", "--json", status=None), within=60)


run_tests()
