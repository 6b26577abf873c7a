"""Two shops on one machine: parceld@NAME twice, side by side, and the plain service beside them."""

import pathlib

from harness import (ETC, SERVICE, Simulator, configure, drop_in, ends_with, expect, install, is_active, pid, run_tests,
                     show, systemctl, test)

install()
sims = {name: Simulator() for name in ("north", "south-2")}
paths = {name: configure(sim, instance=name) for name, sim in sims.items()}


def unit(name):
    return f"parceld@{name}.service"


@test("both start, each with a database, a socket and a process of its own")
def start():
    systemctl("enable", "--now", *map(unit, sims))
    for name in sims:
        expect(is_active(unit(name)), name)
        expect(pathlib.Path(f"/var/lib/parceld-{name}/parceld.sqlite").exists())
        expect(pathlib.Path(f"/run/parceld-{name}/control.sock").exists())
    expect(len({pid(unit(name)) for name in sims}) == 2)


@test("each tells its own shop's alerts, once")
def alerts():
    for name, sim in sims.items():
        sim.first_message(config=paths[name])
    for sim in sims.values():
        texts = [message["text"] for message in sim.messages() if not message["repeat"]]
        expect(len(texts) == 1, texts)


@test("neither may write what belongs to the other")
def apart():
    for name, others in (("north", "south-2"), ("south-2", "north")):
        mounts = pathlib.Path(f"/proc/{pid(unit(name))}/mountinfo").read_text()
        writable = [line.split()[4] for line in mounts.splitlines() if line.split()[5].startswith("rw")]
        expect(f"/var/lib/parceld-{name}" in writable, writable)
        expect(f"/var/lib/parceld-{others}" not in writable, writable)


@test("neither sees the other's credentials, though both are one user's")
def credentials():
    drop_in(f"[Service]\nLoadCredential=token:{ETC}/secrets/telegram-token\n", unit("north"))
    systemctl("restart", unit("north"))
    for name, status in (("north", 0), ("south-2", 1)):
        seen = ends_with("nsenter", "-t", pid(unit(name)), "-m", "test", "-e", f"/run/credentials/{unit('north')}/token")
        expect(seen == status, name)
    drop_in("", unit("north"))


@test("a configuration with another instance's database does not start, and harms nobody")
def borrowed():
    text = paths["north"].read_text()
    stolen = paths["north"].with_name("thief.yaml")
    stolen.write_text(text.replace("/run/parceld-north", "/run/parceld-thief"))
    stolen.chmod(0o640)
    systemctl("start", unit("thief"), status=1)
    systemctl("stop", unit("thief"))
    expect(is_active(unit("north")))


@test("stopping one leaves the other and the plain service running")
def stop():
    configure(Simulator())
    systemctl("start", SERVICE)
    systemctl("stop", unit("north"))
    expect(is_active(unit("south-2")) and is_active(SERVICE))
    expect(show("Result", unit("north")) == "success")


@test("each has a backup of its own")
def backups():
    for name in sims:
        systemctl("start", f"parceld-backup@{name}.service")
        expect(list(pathlib.Path(f"/var/lib/parceld-{name}/backups").iterdir()), name)
    expect(not pathlib.Path("/var/lib/parceld/backups").exists())


run_tests()
