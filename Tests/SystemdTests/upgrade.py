"""Upgrade over a running older version, remove, install again, purge: what stays and what goes each time."""

import pathlib

from harness import (ETC, SERVICE, Simulator, configure, ends_with, eventually, expect, is_active, older, pid, prepare,
                     run_tests, sh, show, systemctl, test)

STATE = pathlib.Path("/var/lib/parceld")
package = prepare()


sh("dpkg", "--install", older(package, "0.0.1"))
sims = {None: Simulator(), "north": Simulator()}
for instance, sim in sims.items():
    configure(sim, instance=instance)
systemctl("enable", "--now", SERVICE, "parceld@north.service", "parceld-backup.timer")
sims[None].first_message()


def told():
    return len([message for message in sims[None].messages() if not message["repeat"]])


def version():
    return sh("dpkg-query", "-W", "-f", "${Version}", "parceld", status=None)


@test("an upgrade restarts what runs, the instances too, and starts nothing else")
def upgrade():
    before = {unit: pid(unit) for unit in (SERVICE, "parceld@north.service")}
    (ETC / "README").write_text("our own notes\n")
    sh("dpkg", "--install", package)
    expect(version() != "0.0.1")
    for unit, process in before.items():
        eventually(lambda: is_active(unit))
        expect(pid(unit) != process and show("NRestarts", unit) == "0", unit)
    expect(show("ActiveState", "parceld-backup.timer") == "active")
    expect(show("ActiveState", "parceld@south.service") == "inactive")


@test("it keeps the configuration, what was changed in files of the package, the secrets and the database")
def kept():
    expect((ETC / "README").read_text() == "our own notes\n")
    expect("otcommerce" in (ETC / "parceld.yaml").read_text())
    expect("1907-2" in sh("parcelctl", "list"))
    expect(sh("stat", "-c", "%U:%G %a", ETC).strip() == "root:parceld 2750")


@test("and nothing is told twice")
def once():
    before, asked = told(), sims[None].requests()
    sh("parcelctl", "poll", "otcommerce")
    eventually(lambda: sims[None].requests() > asked)
    expect(told() == before == 1)


@test("what was stopped on purpose stays stopped over an upgrade")
def stopped():
    systemctl("stop", "parceld@north.service")
    sh("dpkg", "--install", package)
    expect(show("ActiveState", "parceld@north.service") == "inactive" and is_active())


@test("removing stops all of it and leaves configuration, secrets and databases")
def remove():
    sh("dpkg", "--remove", "parceld")
    expect(ends_with("systemctl", "is-active", "--quiet", SERVICE, "parceld-backup.timer") != 0)
    expect(ends_with("pgrep", "-x", "parceld") != 0)
    expect(not pathlib.Path("/usr/bin/parceld").exists() and not pathlib.Path("/usr/bin/parcelctl").is_symlink())
    expect((ETC / "parceld.yaml").exists() and (ETC / "secrets" / "telegram-token").exists())
    expect((STATE / "parceld.sqlite").exists())


@test("installed again it goes on where it was, once it is started")
def again():
    sh("dpkg", "--install", package)
    expect(not is_active())
    systemctl("start", SERVICE)
    expect("1907-2" in sh("parcelctl", "list"))
    once()


@test("purging leaves nothing but backups and the user")
def purge():
    kept = STATE / "backups" / "of-last-night.sqlite"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("a copy")
    said = sh("dpkg", "--purge", "parceld")
    expect(str(kept.parent) in said, said)
    expect([str(path) for path in STATE.rglob("*") if path.is_file()] == [str(kept)])
    expect(not ETC.exists() and not pathlib.Path("/var/lib/parceld-north").exists())
    left = [str(path) for path in pathlib.Path("/etc/systemd/system").rglob("parceld*")]
    expect(not left, left)
    expect(ends_with("getent", "passwd", "parceld") == 0)


@test("and after that it can be installed as on the first day")
def anew():
    sh("dpkg", "--install", package)
    expect(sh("stat", "-c", "%U:%G %a", ETC / "secrets").strip() == "root:parceld 2750")
    expect(show("ActiveState") == "inactive" and sh("dpkg", "--verify", "parceld").strip() == "")


run_tests()
