"""What apt leaves behind: files, the user, who may read what, and nothing that runs."""

import pathlib
import re

from harness import (ETC, SECRETS, SERVICE, Simulator, configure, ends_with, eventually, expect, is_active, prepare,
                     run, run_tests, says, sh, show, systemctl, test, write)

package = prepare()


@test("apt installs the package with what a fresh Debian has")
def apt():
    sh("apt-get", "install", "-y", package)


@test("nothing runs, nothing is enabled and nothing has failed after that")
def quiet():
    expect(show("ActiveState") == "inactive")
    expect("enabled" != sh("systemctl", "is-enabled", SERVICE, status=None).strip())
    expect("parceld" not in sh("systemctl", "list-units", "--failed", "--plain", "--no-legend"))
    expect("parceld" not in sh("systemctl", "list-timers", "--all", "--plain", "--no-legend"))


@test("there is a user without a shell, and a group")
def user():
    expect("/usr/sbin/nologin" in sh("getent", "passwd", "parceld"))
    expect("parceld" in sh("getent", "group", "parceld"))


@test("root's files in the configuration's folder are for the daemon and for nobody else")
def folder():
    for path in [ETC, ETC / "secrets"]:
        expect(sh("stat", "-c", "%U:%G %a", path).strip() == "root:parceld 2750", path)
    expect(ends_with("ls", ETC, user="nobody") != 0)


@test("the programs run where there is no Swift, and without the folder that they were built in")
def programs():
    expect(not pathlib.Path("/opt/swift/usr").exists())
    expect("working days" in sh("parcelctl", "--help"))
    sh("parceld", "--version")
    sh("parcelctl", "workdays", "elapsed", "--from", "2026-09-28", "--to", "2026-10-12")
    missing = [line for line in sh("ldd", "/usr/bin/parceld").splitlines() if "not found" in line]
    expect(not missing, missing)


def owner(library):
    """The package that a library belongs to. Its folder is known to dpkg with or without /usr."""
    path = pathlib.Path(library)
    for folder in dict.fromkeys([path.parent, path.parent.resolve(), pathlib.Path("/lib/x86_64-linux-gnu")]):
        status, said = run("dpkg-query", "--search", folder / path.name)
        if status == 0:
            return said.split(":")[0]
    return None


def named(package):
    """What a package depends on, each alternative."""
    said = sh("dpkg-query", "--show", "--showformat", "${Pre-Depends}, ${Depends}", package)
    return {word.split()[0].split(":")[0] for word in re.split(r"[,|]", said) if word.strip()}


def pulled_in(package):
    """All that comes with a package, of what is installed here."""
    found, new = set(), {package}
    while new:
        found |= new
        new = {each for one in new for each in named(one) if is_installed(each)} - found
    return found


def is_installed(package):
    return run("dpkg-query", "--show", "--showformat", "${db:Status-Status}", package) == (0, "installed")


# The machine of the tests may have by chance what a fresh one has not.
@test("every library that the program loads comes with the package, and each that it names is one of its dependencies")
def libraries():
    lines = [line.split() for line in sh("ldd", "/usr/bin/parceld").splitlines()]
    loaded = {line[0]: line[2] if "=>" in line else line[0] for line in lines if "vdso" not in line[0]}
    owners = {name: owner(path) for name, path in loaded.items()}
    comes = pulled_in("parceld")
    strangers = {name: whose for name, whose in owners.items() if whose not in comes}
    expect(len(owners) > 20 and not strangers, strangers)
    wanted = re.findall(r"^ +NEEDED +(\S+)$", sh("objdump", "-p", "/usr/bin/parceld"), re.MULTILINE)
    direct = {name: whose for name, whose in owners.items() if name.split("/")[-1] in wanted}
    expect(len(direct) == len(wanted) > 5, (direct, wanted))
    undeclared = {name: whose for name, whose in direct.items() if whose not in named("parceld")}
    expect(not undeclared, undeclared)


@test("the complete configuration that it brings passes its own check")
def example():
    expect("can be used" in sh("parceld", "check", "--config", "/usr/share/parceld/parceld.yaml"))
    sh("parceld", "check", "--config", "/usr/share/doc/parceld/examples/parceld.yaml")


@test("manual pages can be read, and bash completes the commands")
def documentation():
    for page, word in [("parceld", "EX_CONFIG|configuration"), ("parcelctl", "explain"), ("parceld.yaml", "control_socket")]:
        text = sh("man", "-P", "cat", page)
        expect(any(each in text for each in word.split("|")), page)
    complete = """
        . /usr/share/bash-completion/completions/parcelctl
        COMP_WORDS=(parcelctl sn) COMP_CWORD=1 COMP_LINE='parcelctl sn' COMP_POINT=12
        "$(complete -p parcelctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')" parcelctl sn parcelctl; echo "${COMPREPLY[@]}"
    """
    expect("snooze" in sh("bash", "-O", "extglob", "-c", complete))


@test("every file is as the package has it")
def sums():
    expect(sh("dpkg", "--verify", "parceld").strip() == "")


@test("started without a configuration it says so once, and is not tried again")
def unconfigured():
    expect(ends_with("systemctl", "start", SERVICE) != 0)
    eventually(lambda: show("ActiveState") == "failed")
    expect(show("ExecMainStatus") == "78" and show("NRestarts") == "0")
    eventually(lambda: says("/etc/parceld/parceld.yaml: the file cannot be read"))
    systemctl("reset-failed", SERVICE)


@test("from parceld init to the first alert: what it writes is used as it is, and conf.d lies over it")
def init():
    sim = Simulator()
    given = pathlib.Path("/root/given")
    given.mkdir(mode=0o700)
    for name, secret in SECRETS.items():
        write(given / name, secret + "\n", 0o600)
    sh("parceld", "init", "--language", "en", "--no-partners", "--shop-url", sim.addresses["otcommerce"],
       "--shop-key-file", given / "otcommerce-instance-key", "--shop-secret-file", given / "otcommerce-secret",
       "--shop-login", "operator", "--shop-password-file", given / "otcommerce-password",
       "--telegram-url", sim.addresses["telegram"], "--telegram-token-file", given / "telegram-token",
       "--telegram-chat", "-1001907", "--hours", "09:00-18:00", "--zone", "Europe/Moscow")
    # Whatever day it is.
    (ETC / "conf.d").mkdir(exist_ok=True)
    write(ETC / "conf.d/10-always.yaml", """recipients:
  - {name: manager, zone: Europe/Moscow, hours: "00:00-24:00", calendar: daily, channels: [telegram]}
""")
    sh("parceld", "check")
    systemctl("start", SERVICE)
    eventually(lambda: "1907-2" in sh("parcelctl", "list"))
    expect("1907-2" in sim.first_message())
    expect(all(path.stat().st_mode & 0o007 == 0 for path in (ETC / "secrets").iterdir()))
    systemctl("stop", SERVICE)
    sh("rm", "-r", "/var/lib/parceld", ETC / "parceld.yaml", ETC / "conf.d")


@test("configured and enabled, the first alert arrives")
def first_alert():
    sim = Simulator()
    configure(sim)
    sh("parceld", "check")
    systemctl("enable", "--now", SERVICE)
    expect(is_active())
    text = sim.first_message()
    expect("1907-2" in text, text)


run_tests()
