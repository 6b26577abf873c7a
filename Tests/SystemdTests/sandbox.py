"""What the unit forbids is forbidden, and secrets given as credentials are the daemon's alone."""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import threading
import time

from harness import (ETC, ROOT, SERVICE, SECRETS, Simulator, configure, drop_in, ends_with, eventually, expect,
                     fresh_start, install, is_active, journal, pid, run_tests, sh, systemctl, test, write)

# All else has to fail inside.
ALLOWED = {"write its database's folder", "reach a provider", "run another program"}
PROBE = pathlib.Path("/usr/local/lib/probe.py")

install()
sim = Simulator()
configure(sim)
fresh_start()


def scene():
    """What there is to be taken: other people's files, a process, a metadata service on its address."""
    sh("useradd", "--create-home", "clerk")
    # Another service's state, which its carelessness leaves open to everybody: the sandbox alone keeps the daemon out.
    sh("install", "-d", "-m", "777", "/var/lib/neighbour")
    for path in ["/home/clerk/diary", "/root/diary", "/tmp/mark"]:
        write(pathlib.Path(path), "x", 0o644)
    sh("ip", "address", "add", "169.254.169.254/32", "dev", "lo")
    for address in ["169.254.169.254", "127.0.0.1"]:
        server = socket.create_server((address, 8080))
        threading.Thread(target=lambda server=server: [server.accept() for _ in range(10)], daemon=True).start()
    shutil.copy(pathlib.Path(__file__).with_name("probe.py"), PROBE)
    return subprocess.Popen(["sleep", "infinity"], user="clerk")


other = scene()


def probe_inside():
    """The probe in the daemon's place: the same unit, with another program."""
    unit = pathlib.Path("/lib/systemd/system/parceld.service").read_text()
    unit = re.sub(r"^Type=.*$", "Type=oneshot", unit, flags=re.MULTILINE)
    unit = re.sub(r"^ExecStart=.*$", f"ExecStart=/usr/bin/python3 {PROBE} /var/lib/parceld {other.pid}", unit, flags=re.MULTILINE)
    unit = re.sub(r"^(Restart|RuntimeDirectory)=.*$", "", unit, flags=re.MULTILINE)
    pathlib.Path("/etc/systemd/system/probe.service").write_text(unit)
    systemctl("daemon-reload")
    systemctl("start", "probe.service")
    return json.loads(next(each["MESSAGE"] for each in journal(unit="probe.service") if each["MESSAGE"].startswith("{")))


inside = probe_inside()
outside = json.loads(sh("python3", PROBE, "/var/lib/parceld", other.pid))


def forbidden(name):
    @test(f"it cannot {name}")
    def attempt():
        expect(not inside[name])


# What nobody can on this machine proves nothing of the sandbox.
for tried in inside:
    if tried not in ALLOWED and outside[tried]:
        forbidden(tried)
    elif not outside[tried]:
        print(f"     not shown, since this machine forbids it to root as well: {tried}")


@test("what it has to do it can")
def allowed():
    expect(all(inside[name] for name in ALLOWED), inside)


@test("each of these works on this machine outside the sandbox, but for a privilege that the machine itself withholds")
def possible():
    held = int(re.search(r"^CapBnd:\s*(\w+)$", pathlib.Path("/proc/self/status").read_text(), re.MULTILINE).group(1), 16)
    withheld = set() if held >> 34 & 1 else {"read kernel messages"}  # CAP_SYSLOG
    impossible = {name for name, worked in outside.items() if not worked}
    expect(impossible == withheld, impossible)


@test("it has no capability, gains none, and leaves no core")
def privileges():
    status = pathlib.Path(f"/proc/{pid()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    expect(all(int(fields[name], 16) == 0 for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")), fields)
    expect(fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2")
    expect(fields["Uid"].split()[0] == sh("id", "-u", "parceld").strip())
    limits = pathlib.Path(f"/proc/{pid()}/limits").read_text()
    expect(re.search(r"Max core file size +0 +0 ", limits), limits)


@test("a secret that only root may read is a credential of the daemon, and of nobody else")
def credential():
    secret = ETC / "secrets" / "otcommerce-password"
    write(secret, SECRETS[secret.name] + "\n", 0o600)
    configuration = (ETC / "parceld.yaml").read_text()
    write(ETC / "parceld.yaml", configuration.replace("{file: secrets/otcommerce-password}", "{credential: shop-password}"))
    drop_in(f"[Service]\nLoadCredential=shop-password:{secret}\n")
    fresh_start()
    expect(is_active())
    sim.first_message()
    copy = "/run/credentials/parceld.service/shop-password"
    for user in ["parceld", "clerk"]:
        expect(ends_with("cat", secret, user=user) != 0, user)
    expect(ends_with("cat", copy, user="clerk") != 0)
    expect(sh("stat", "-c", "%U %a", copy).strip() in ("parceld 400", "root 440"), sh("stat", "-c", "%U %a", copy))


def scrape(family, address, user=None):
    """What a scraper that runs as that user gets; nothing where it may not ask."""
    program = f"""
import socket
with socket.socket(socket.{family}) as s:
    s.settimeout(10)
    s.connect({address!r})
    s.sendall(b"GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
    while data := s.recv(65536): print(data.decode(), end="")
"""
    return sh("/usr/bin/python3", "-c", program, user=user, status=None)


def refusals():
    return [entry["MESSAGE"] for entry in journal() if "the metrics file cannot be written" in entry["MESSAGE"]]


def with_metrics(text):
    configure(sim, more=f"metrics: {{{text}}}\n")
    fresh_start()
    expect(is_active())


@test("figures are shown on loopback, to whoever is on this machine")
def listener():
    with_metrics("listen: 127.0.0.1:9472")
    answer = scrape("AF_INET", ("127.0.0.1", 9472), user="clerk")
    expect(answer.startswith("HTTP/1.1 200") and "\nparceld_build_info{" in answer, answer)


@test("or on a socket beside that of parcelctl, to members of the group and nobody else")
def unix_socket():
    with_metrics("listen: unix:/run/parceld/metrics.sock")
    expect("\nparceld_build_info{" in scrape("AF_UNIX", "/run/parceld/metrics.sock", user="parceld"))
    expect("PermissionError" in scrape("AF_UNIX", "/run/parceld/metrics.sock", user="clerk"))


@test("or as a file for the node exporter, as docs/monitoring says it: the drop-in lets it, and the exporter's user reads it")
def textfile():
    page = (ROOT / "docs/monitoring/README.md").read_text()
    (make,) = re.findall(r"^    (install -d .*)$", page, re.MULTILINE)
    (place,) = re.findall(r"^ +textfile: (\S+)", page, re.MULTILINE)
    ((path, lines),) = re.findall(r"`(/etc/systemd/system/\S+)`.*\n\n((?:    .*\n)+)", page)
    sh("sh", "-c", make)
    file = pathlib.Path(place)
    # Without the drop-in the sandbox forbids it, which is told once, however often it is tried.
    with_metrics(f"textfile: {place}, every: 1 s")
    eventually(lambda: refusals())
    end = time.monotonic() + 4
    eventually(lambda: time.monotonic() > end)
    expect(len(refusals()) == 1 and not file.exists(), refusals())
    pathlib.Path(path).parent.mkdir(exist_ok=True)
    pathlib.Path(path).write_text(re.sub("^    ", "", lines, flags=re.MULTILINE))
    for command in re.findall(r"`(systemctl [^`]+)`", page):
        sh(*command.split())
    eventually(file.exists)
    expect("\nparceld_build_info{" in sh("cat", file, user="clerk"))
    drop_in("")


@test("no secret is in the journal, in its command line, in its environment or in the database")
def secrets():
    places = [json.dumps(journal(whole=True)), sh("systemctl", "status", SERVICE), sh("parcelctl", "status", status=None)]
    places += [pathlib.Path(f"/proc/{pid()}/{name}").read_bytes().decode(errors="replace") for name in ("cmdline", "environ")]
    places += [path.read_bytes().decode(errors="replace") for path in pathlib.Path("/var/lib/parceld").iterdir() if path.is_file()]
    for secret in SECRETS.values():
        expect(not any(secret in place for place in places), secret)


run_tests()
