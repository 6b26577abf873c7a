"""What the topics share: tests with sentences for names, the package, the simulator as provider, and systemd's answers.

A topic runs as root beside a systemd of its own (with-systemd), so it may install, break and leave behind what it likes.
Nothing sleeps for luck: whatever takes time is waited for, within a bound, until systemd or the journal tells it."""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import traceback
import urllib.request

PACKAGE, SIMULATOR = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
ROOT = pathlib.Path(__file__).resolve().parents[2]
ETC = pathlib.Path("/etc/parceld")
SERVICE = "parceld.service"
SECRETS = {
    "otcommerce-instance-key": "demo-instance-key", "otcommerce-secret": "demo-secret",
    "otcommerce-password": "demo-password", "shiptor-token": "demo-shiptor-token-0123456789abcdef01234",
    "telegram-token": "1907:demo-telegram-token",
}
passed, failed = 0, 0
tests = []
beginning = None


class Failed(Exception):
    pass


def test(sentence):
    def add(function):
        tests.append((sentence, function))
        return function

    return add


def expect(what, seen=""):
    if not what:
        raise Failed(str(seen))


def run_tests():
    """Runs the topic's tests in their order; the last line counts them."""
    global passed, failed
    for sentence, function in tests:
        try:
            from_here()
            function()
            passed += 1
            print(f"ok   {sentence}", flush=True)
        except Exception as error:
            failed += 1
            place = traceback.extract_tb(error.__traceback__)
            line = next((each for each in reversed(place) if not each.filename.endswith("harness.py")), place[-1])
            print(f"FAIL {sentence}\n     {line.filename}:{line.lineno}: {line.line}\n     {error!r}", flush=True)
    with contextlib.suppress(Exception):
        if failed:
            print(sh("journalctl", "--no-pager", "-q", "-n", "60", "-o", "short-precise", "-u", "parceld*"))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def run(*command, user=None, within=120):
    """Runs a command, as another user where one is named: its status, and what it prints on both streams."""
    if user:
        command = ("setpriv", "--reuid", user, "--regid", user, "--init-groups", "--", *command)
    done = subprocess.run(
        [str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=within,
        stdin=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8"})
    return done.returncode, done.stdout


def sh(*command, status=0, **more):
    """What a command prints; it has to end with `status`, unless that is None."""
    ended, printed = run(*command, **more)
    if status is not None and ended != status:
        raise Failed(f"{' '.join(map(str, command))}: status {ended}, not {status}: {printed[-1500:]}")
    return printed


def ends_with(*command, **more):
    """The status that a command ends with."""
    return run(*command, **more)[0]


def eventually(is_true, within=20):
    """Waits until something is true, and returns that."""
    end = time.monotonic() + within
    while True:
        if found := is_true():
            return found
        if time.monotonic() > end:
            raise Failed(f"not within {within} s")
        time.sleep(0.02)


# systemd


def show(name, unit=SERVICE):
    return sh("systemctl", "show", "--value", "-p", name, unit).strip()


def pid(unit=SERVICE):
    return int(show("MainPID", unit))


def is_active(unit=SERVICE):
    return show("ActiveState", unit) == "active" and show("SubState", unit) == "running"


def systemctl(*words, **more):
    return sh("systemctl", *words, **more)


def from_here():
    """What the journal says is heard from here on, as at each test's beginning: what another has caused proves nothing."""
    global beginning
    sh("journalctl", "--sync")
    (last,) = sh("journalctl", "-q", "--no-pager", "-o", "json", "-n", "1").splitlines()
    beginning = json.loads(last)["__CURSOR"]


def journal(*filters, unit=SERVICE, whole=False):
    """The journal's entries of a unit, as dictionaries: the test's own, or those of the whole boot. What a process has
    said last may come after systemd's word of its end, and is waited for."""
    sh("journalctl", "--sync")
    # Not --after-cursor: journalctl takes the first entry that it finds for the cursor's own, though a filter hides that.
    begin = "-b" if whole or beginning is None else f"--cursor={beginning}"
    lines = sh("journalctl", "-q", "--no-pager", "-o", "json", "--all", begin, "-u", unit, *filters).splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in entries if whole or entry["__CURSOR"] != beginning]


def says(text, **where):
    """Whether the journal of a unit has that text, systemd's own words about it included."""
    return any(text in str(entry.get("MESSAGE", "")) for entry in journal(**where))


def drop_in(text, unit=SERVICE):
    """Replaces what the tests have added to a unit; an empty text takes it away."""
    folder = pathlib.Path(f"/etc/systemd/system/{unit}.d")
    shutil.rmtree(folder, ignore_errors=True)
    if text:
        folder.mkdir(parents=True)
        (folder / "test.conf").write_text(text)
    systemctl("daemon-reload")


def fresh_start(unit=SERVICE):
    systemctl("stop", unit, status=None)
    systemctl("reset-failed", unit, status=None)
    systemctl("start", unit)


# The package and its configuration


def prepare():
    """A machine as it comes: nobody forbids starting services, and there is no Swift and no build on it."""
    pathlib.Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)
    simulator = pathlib.Path("/usr/local/bin/parcelsim")
    shutil.copy(SIMULATOR, simulator)
    package = pathlib.Path("/var/tmp") / PACKAGE.name
    shutil.copy(PACKAGE, package)
    for folder in [pathlib.Path("/opt/swift"), *ROOT.glob(".build*")]:
        if folder.is_dir():
            sh("mount", "-t", "tmpfs", "none", folder)
    return package


def install():
    package = prepare()
    sh("dpkg", "--install", package)
    return package


def older(package, version):
    """The same files under a lower number."""
    folder = pathlib.Path("/var/tmp/older")
    sh("dpkg-deb", "--raw-extract", package, folder)
    control = folder / "DEBIAN" / "control"
    lines = [f"Version: {version}" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    path = f"/var/tmp/parceld_{version}_amd64.deb"
    sh("dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, path)
    sh("rm", "-r", folder)
    return path


def at(**ago):
    """An instant before now, as scenarios write it."""
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)
    return now.strftime("%Y-%m-%d %H:%M:%S+00:00")


# An item that the shop has in hand, and that its seller cannot deliver from a few seconds after the start on. (What had
# begun before parceld came is told minutes later, in one overview.)
def refused(seconds=10):
    return f"""
orders:
  - id: ORD-000001907
    created: "{at(days=45)}"
    goods: "144.67"
    delivery: "87.57"
    weight: "1.0"
    timeline:
      - {{at: "{at(days=45)}", status: "30", name: "В обработке"}}
    lines:
      - id: SL-1907-2
        num: 2
        title: "Кроссовки"
        seller: "牧熊旗舰店"
        amount: "144.67"
        item: "526024701288"
        config: "Цвет: Черный; Размер обуви: 38"
        weight: "1.0"
        timeline:
          - {{at: "{at(days=2)}", status: "2", name: "В обработке"}}
          - {{at: "{at(seconds=-seconds)}", status: "12", name: "Невозможно поставить"}}
"""


MANY = "\ngenerate: {orders: 2500, lines_per_order: 4, packages: 0}\n"


class Simulator:
    """The shop, the partners and Telegram on loopback, by the host's clock."""

    def __init__(self, scenario=None, port=0):
        scenario = scenario or refused()
        path = pathlib.Path(f"/var/tmp/scenario-{time.monotonic_ns()}.yaml")
        path.write_text(f'start: "{at(days=60)}"\nend: "2099-01-01 00:00+00:00"\n{scenario}')
        self.process = subprocess.Popen(
            ["/usr/local/bin/parcelsim", "serve", "--real-time", "--scenario", path, "--port", str(port)],
            stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.process.stdout.readline())

    def ask(self, page, body=None):
        data = body.encode() if body else None
        with urllib.request.urlopen(f"{self.addresses['http']}/sim/{page}", data=data, timeout=10) as answer:
            return json.load(answer)

    def messages(self):
        return self.ask("messages")

    def first_message(self, provider="otcommerce", config=ETC / "parceld.yaml"):
        """Has the daemon ask until it has told something."""

        def told():
            run("parcelctl", "poll", provider, "--config", config)
            return self.messages()

        return eventually(told)[0]["text"]

    def requests(self, provider="otcommerce"):
        asked = self.ask("state")["requests"]
        return sum(count for method, count in asked.items() if method.split(" ")[0] == provider)

    def fault(self, text):
        self.ask("fault", text)


PROVIDERS = {
    "shiptor": """  shiptor:
    url: "{shiptor}"
    token: {{file: secrets/shiptor-token}}
    every: {every}
    requests_per_second: 100
""",
    "otcommerce": """  otcommerce:
    url: "{otcommerce}"
    instance_key: {{file: secrets/otcommerce-instance-key}}
    secret: {{file: secrets/otcommerce-secret}}
    login: operator
    password: {{file: secrets/otcommerce-password}}
    every: {every}
    frame: 1000
    requests_per_second: 1000
""",
}


def configure(simulator, instance=None, providers=("otcommerce",), every="10 min", more=""):
    """Writes a configuration and its secrets, as root, and nothing but what an owner would."""
    own = f"parceld-{instance}" if instance else "parceld"
    text = f"database: /var/lib/{own}/parceld.sqlite\ncontrol_socket: /run/{own}/control.sock\n{more}providers:\n"
    text += "".join(PROVIDERS[name].format(every=every, **simulator.addresses) for name in providers)
    text += f"""channels:
  telegram:
    type: telegram
    url: "{simulator.addresses['telegram']}"
    token: {{file: secrets/telegram-token}}
    chat: "-1001907"
    answers: false
recipients:
  - name: manager
    language: en
    zone: Europe/Moscow
    hours: "00:00-24:00"
    calendar: daily
    channels: [telegram]
    weekly_summary: false
"""
    for name, secret in SECRETS.items():
        write(ETC / "secrets" / name, secret + "\n")
    path = ETC / f"{instance or 'parceld'}.yaml"
    write(path, text)
    return path


def write(path, text, mode=0o640):
    """A file of root's; its group is that of its folder."""
    path.unlink(missing_ok=True)
    path.touch(mode)
    path.chmod(mode)
    path.write_text(text)
