"""What the release daemon costs against the simulator: 10,000 items by list, 10,000 parcels one by one, 10,000 numbers in
batches, idle, from start to READY, what parcelctl takes, and a backup of 1 GB beside the polls.

Prints figures, judges nothing: machines differ. CPU seconds are the daemon's own, user and system."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAMS = sys.argv[1]
TICK = os.sysconf("SC_CLK_TCK")
SECRETS = {
    "otcommerce-instance-key": "demo-instance-key", "otcommerce-secret": "demo-secret",
    "otcommerce-password": "demo-password", "litemf-api-key": "0123456789abcdef0123456789abcdef01234567",
    "shiptor-token": "demo-shiptor-token-0123456789abcdef01234", "telegram-token": "1907:demo-telegram-token",
    "17track-token": "DEMO17TRACKKEY0123456789ABCDEF01",
}


def cpu(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def status(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith(name)).split()[1])


def switches(pid):
    counts = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status") as file:
            counts[task] = int(next(line for line in file if line.startswith("voluntary_ctxt")).split()[1])
    return counts


class Run:
    def __init__(self, folder, generate, hours, providers, real_time=False, more=""):
        self.folder = folder
        os.makedirs(folder + "/secrets")
        for name, text in SECRETS.items():
            with open(f"{folder}/secrets/{name}", "w") as file:
                file.write(text)
        scenario = f"{folder}/scenario.yaml"
        start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) if real_time else "2026-11-02T06:00:00Z"
        end = "2026-11-02T%02d:00:00Z" % (6 + hours) if not real_time else "2099-01-01T00:00:00Z"
        with open(scenario, "w") as file:
            file.write(f'start: "{start}"\nend: "{end}"\ngenerate: {generate}\n{more}')
        self.simulator = subprocess.Popen(
            [f"{PROGRAMS}/parcelsim", "serve", "--scenario", scenario], stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.simulator.stdout.readline())
        with open(f"{folder}/parceld.yaml", "w") as file:
            file.write(self.config(providers))
        self.started = time.monotonic()
        self.start([] if real_time else ["--simulated-clock", self.addresses["clock"]])

    def start(self, clock):
        self.daemon = subprocess.Popen(
            [f"{PROGRAMS}/parceld", "run", "--config", f"{self.folder}/parceld.yaml"] + clock, stderr=subprocess.DEVNULL)

    def pause(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait()

    def restart(self):
        self.pause()
        self.start([])

    def config(self, providers):
        sections = {
            "otcommerce": "  otcommerce:\n    url: %s\n    instance_key: {file: secrets/otcommerce-instance-key}\n"
            "    secret: {file: secrets/otcommerce-secret}\n    login: operator\n    password: {file: secrets/otcommerce-password}\n"
            "    every: 1 h\n    details_every: 7 d\n    frame: 1000\n    requests_per_second: 1000\n" % self.addresses["otcommerce"],
            "shiptor": "  shiptor:\n    url: %s\n    token: {file: secrets/shiptor-token}\n    every: 7 d\n    details_every: 1 h\n"
            "    requests_per_second: 1000\n    parallel: 16\n" % self.addresses["shiptor"],
            "17track": "  17track:\n    url: %s\n    token: {file: secrets/17track-token}\n"
            "    requests_per_second: 1000\n" % self.addresses["17track"],
        }
        return (
            "database: parceld.sqlite\ncontrol_socket: control.sock\nlog_level: error\nproviders:\n"
            + "".join(sections[name] for name in providers)
            + "channels:\n  journal: {type: journal}\nrecipients:\n"
            '  - {name: a, zone: Europe/Moscow, hours: "00:00-24:00", calendar: daily, channels: [journal]}\n')

    def state(self):
        with urllib.request.urlopen(self.addresses["http"] + "/sim/state") as answer:
            return json.load(answer)

    def finish(self):
        """Wall seconds in all, and what was spent and asked by the end of the first pass: time stands still in it."""
        first = None
        while self.daemon.poll() is None:
            state = self.state()
            if first is None and state["now"] > 1793599200000 + 1_800_000:
                first = (cpu(self.daemon.pid), sum(state["requests"].values()), time.monotonic() - self.started)
            if state["finished"]:
                break
            time.sleep(0.02)
        return time.monotonic() - self.started, first

    def settle(self):
        """Until nothing was asked and nothing was computed for two seconds."""
        before = None
        while True:
            now = (sum(self.state()["requests"].values()), cpu(self.daemon.pid))
            if now == before:
                return now
            before = now
            time.sleep(2)

    def make_due(self, provider):
        """Everything of a provider is due at once, as after a night in which the daemon stood still."""
        with sqlite3.connect(self.folder + "/parceld.sqlite", timeout=10) as database:
            database.execute(
                "UPDATE asks SET next_at = ? WHERE provider = ? AND key <> ''", (int(time.time() * 1000), provider))
        database.close()
        self.control("poll", provider)

    def control(self, *words):
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.folder + "/control.sock")
            control.sendall(("\t".join(words) + "\n").encode())
            control.recv(4096)

    def stop(self):
        self.pause()
        self.simulator.terminate()
        self.simulator.wait()

    def rows(self):
        database = sqlite3.connect(self.folder + "/parceld.sqlite")
        names = ["things", "views", "events", "asks", "view_numbers"]
        counts = sum(database.execute(f"select count(*) from {name}").fetchone()[0] for name in names)
        pages = database.execute("pragma page_count").fetchone()[0] * database.execute("pragma page_size").fetchone()[0]
        things = database.execute("select count(*) from things where kind in ('item', 'parcel')").fetchone()[0]
        return counts, pages, things


def measure(title, generate, hours, providers):
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder + "/state", generate, hours, providers)
        wall, (first_seconds, first_requests, first_wall) = run.finish()
        seconds, peak = cpu(run.daemon.pid), status(run.daemon.pid, "VmHWM")
        requests = sum(run.state()["requests"].values())
        run.stop()
        rows, size, things = run.rows()
        print(f"{title}: {things} things, {requests} requests, {wall:.1f} s")
        print(f"  first pass, all new         {first_seconds:.2f} CPU s, {first_requests} requests, {first_wall:.1f} s")
        later, asked = seconds - first_seconds, requests - first_requests
        print(f"  later passes, none changed  {later:.2f} CPU s, {asked} requests: {later / asked * 10_000:.2f} for 10,000")
        print(f"  requests a second, later    {asked / (wall - first_wall):.0f}")
        print(f"  rows written a second       {rows / first_wall:.0f} (first pass)")
        print(f"  peak RSS                    {peak / 1024:.1f} MiB")
        print(f"  database bytes a thing      {size / max(1, things):.0f}")
        return things


def best(command, times):
    """Wall ms of the fastest run."""
    spent = []
    for _ in range(times):
        before = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        spent.append(time.monotonic() - before)
    return min(spent) * 1000


def ready(folder):
    """Ms from the start of the daemon to its READY, and its RSS then."""
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    with contextlib.suppress(FileNotFoundError):
        os.remove(folder + "/notify")
    notify.bind(folder + "/notify")
    before = time.monotonic()
    daemon = subprocess.Popen(
        [f"{PROGRAMS}/parceld", "run", "--config", f"{folder}/parceld.yaml"], stderr=subprocess.DEVNULL,
        env=os.environ | {"NOTIFY_SOCKET": folder + "/notify"})
    while b"READY=1" not in notify.recv(4096):
        pass
    spent, size = time.monotonic() - before, status(daemon.pid, "VmRSS") / 1024
    daemon.kill()
    daemon.wait()
    return spent * 1000, size


def commands(folder):
    for words in ["status", "stalled", "show 1-1", "explain 1-1", "alerts"]:
        command = [f"{PROGRAMS}/parcelctl", *words.split(), "--config", f"{folder}/parceld.yaml"]
        print(f"  parcelctl {words:<18}{best(command, 5):.0f} ms")


def scale(count):
    """How one instance carries many things: docs/scale.md has the figures."""
    with tempfile.TemporaryDirectory() as folder:
        generate = "{orders: %d, lines_per_order: 4, packages: 0}" % (count // 4)
        run = Run(folder + "/state", generate, 3, ["otcommerce"])
        wall, (first_seconds, first_requests, first_wall) = run.finish()
        seconds, requests = cpu(run.daemon.pid), sum(run.state()["requests"].values())
        peak, idle_size = status(run.daemon.pid, "VmHWM") / 1024, status(run.daemon.pid, "VmRSS") / 1024
        run.stop()
        rows, size, things = run.rows()
        print(f"{things} items by list, three passes, {requests} requests:")
        print(f"  first pass, all new         {first_seconds:.1f} CPU s, {first_wall:.1f} s, {first_requests} requests")
        print(f"  a later pass, none changed  {(seconds - first_seconds) / 2:.1f} CPU s, {(wall - first_wall) / 2:.1f} s")
        print(f"  rows written a second       {rows / first_wall:.0f}")
        print(f"  RSS, at most and at the end {peak:.0f} MiB, {idle_size:.0f} MiB")
        print(f"  database                    {size / 2**20:.0f} MiB, {size / things:.0f} bytes a thing")
        starts = sorted(ready(run.folder) for _ in range(3))
        print(f"  start to READY              {starts[0][0]:.0f} ms, RSS {starts[0][1]:.0f} MiB")
        commands(run.folder)


def multiply(path, count):
    """Copies all things of a database, with what is known of them and when they are asked for, until there are so many."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA foreign_keys = OFF")
    known = database.execute("SELECT count(*) FROM things WHERE kind IN ('item', 'parcel')").fetchone()[0]
    tables = {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
              for name in ("things", "views", "view_numbers", "events", "asks")}
    last = {name: database.execute(f"SELECT max(id) FROM {name}").fetchone()[0] for name in ("things", "views", "events")}
    moved = {"order_id": "things", "thing_id": "things", "view_id": "views"}
    for copy in range(1, count // known):
        database.execute("BEGIN")
        for table, columns in tables.items():
            values = []
            for column in columns:
                if column == "id":
                    values.append(f"id + {copy * last[table]}")
                elif column in moved:
                    values.append(f"{column} + {copy * last[moved[column]]}")
                elif column in ("label", "display", "external_key", "subject_key") or (table, column) == ("asks", "key"):
                    values.append(f"{column} || '-{copy}'")
                else:
                    values.append(column)
            limit = f"WHERE id <= {last[table]}" if table in last else (
                f"WHERE view_id <= {last['views']}" if table == "view_numbers" else "WHERE key <> '' AND key NOT GLOB '*-*-*'")
            database.execute(f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} {limit}")
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def stock(count):
    """What it costs to have so many things, of which none is due; parcelbench has what choosing among them costs."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder + "/state", "{orders: 2500, lines_per_order: 4, packages: 0}", 0, ["otcommerce"], real_time=True)
        run.settle()
        run.pause()
        multiply(run.folder + "/parceld.sqlite", count)
        rows, size, things = run.rows()
        print(f"{things} items in the store, {rows} rows:")
        print(f"  database                    {size / 2**20:.0f} MiB, {size / things:.0f} bytes a thing")
        starts = sorted(ready(run.folder) for _ in range(3))
        print(f"  start to READY              {starts[0][0]:.0f} ms, RSS {starts[0][1]:.0f} MiB")
        run.start([])
        run.settle()
        time.sleep(10)
        print(f"  RSS at rest                 {status(run.daemon.pid, 'VmRSS') / 1024:.1f} MiB, "
              f"at most {status(run.daemon.pid, 'VmHWM') / 1024:.0f}")
        commands(run.folder)
        run.stop()


def s10(serial):
    """The simulator's generated numbers: UPU's S10 with its check digit."""
    rest = sum(int(digit) * weight for digit, weight in zip(str(serial), (8, 6, 4, 2, 3, 5, 9, 7))) % 11
    return f"LZ{serial}{5 if rest == 0 else 0 if rest == 1 else 11 - rest}CN"


def numbers():
    with tempfile.TemporaryDirectory() as folder:
        run = Run(
            folder + "/state", "{orders: 0, lines_per_order: 0, packages: 0, numbers: 10000}", 0, ["17track"],
            real_time=True, more="17track: {per_second: 1000000, quota: 20000}\n")
        run.settle()
        for start in range(0, 10_000, 100):
            run.control("wish", *(f"add {s10(10_000_000 + start + index)} - -" for index in range(100)))
        first = run.settle()
        passes = []
        for _ in range(5):
            before = run.settle()
            run.make_due("17track")
            after = run.settle()
            passes.append((after[1] - before[1], after[0] - before[0]))
        peak = status(run.daemon.pid, "VmHWM")
        run.stop()
        seconds = sorted(spent for spent, _ in passes)
        print("10,000 numbers in batches of 40, host's clock, five passes:")
        print(f"  added and asked, all new    {first[1]:.2f} CPU s, {first[0]} requests")
        print(f"  a pass, none changed        {seconds[0]:.2f} CPU s, median {seconds[len(seconds) // 2]:.2f}")
        print(f"  its requests                {', '.join(str(requests) for _, requests in passes)}")
        print(f"  peak RSS                    {peak / 1024:.1f} MiB")


def large_backup(megabytes):
    """Rounds of 10,000 requests with and without a backup beside them, in turn: the machine's mood hits both."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(
            folder + "/state", "{orders: 0, lines_per_order: 0, packages: 10000}", 0, ["shiptor"], real_time=True)
        run.settle()
        database = sqlite3.connect(run.folder + "/parceld.sqlite", timeout=60)
        for start in range(0, megabytes, 10):
            with database:
                database.execute(
                    "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 + 9999) "
                    "INSERT INTO settings SELECT 'filler ' || i, hex(randomblob(460)) FROM n", (start * 1000,))
        database.close()
        size = os.path.getsize(run.folder + "/parceld.sqlite") + os.path.getsize(run.folder + "/parceld.sqlite-wal")
        rates, backups, largest = {False: [], True: []}, [], 0

        def copy():
            return time.monotonic(), subprocess.Popen(
                [f"{PROGRAMS}/parcelctl", "backup", run.folder + "/copy.sqlite", "--force", "--config",
                 run.folder + "/parceld.yaml"], stdout=subprocess.DEVNULL)

        for number in range(6):
            run.settle()
            is_copied = number % 2 == 1
            before, began = sum(run.state()["requests"].values()), time.monotonic()
            copying = copy() if is_copied else None
            run.make_due("shiptor")
            while sum(run.state()["requests"].values()) < before + 10_000:
                largest = max(largest, os.path.getsize(run.folder + "/parceld.sqlite-wal"))
                if copying and copying[1].poll() is not None:
                    backups.append(time.monotonic() - copying[0])
                    copying = copy()
                time.sleep(0.05)
            rates[is_copied].append(10_000 / (time.monotonic() - began))
            if copying:
                copying[1].wait()
                backups.append(time.monotonic() - copying[0])
        run.stop()
        alone, beside = (sorted(rates[key])[len(rates[key]) // 2] for key in (False, True))
        print(f"backup of {size / 1e6:.0f} MB while 10,000 parcels are polled, three rounds each, in turn:")
        print(f"  requests a second           {alone:.0f} alone, {beside:.0f} beside a backup: {alone / beside - 1:+.0%} time")
        print(f"  rounds                      {', '.join(f'{rate:.0f}' for rate in rates[False] + rates[True])}")
        print(f"  a backup, verified          {', '.join(f'{seconds:.1f}' for seconds in backups)} s")
        print(f"  largest log                 {largest / 1e6:.1f} MB")


if "--backup" in sys.argv:
    # Of a database of so many megabytes, and nothing else.
    large_backup(int(sys.argv[sys.argv.index("--backup") + 1]))
    sys.exit()


def idle():
    """Over a state that was met before, so that within the minute nothing is due; pool threads end after some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder + "/state", "{orders: 2500, lines_per_order: 4, packages: 0}", 0, ["otcommerce"], real_time=True)
        run.settle()
        after_first_pass = status(run.daemon.pid, "VmRSS") / 1024
        run.restart()
        run.settle()
        time.sleep(15)
        first, used = switches(run.daemon.pid), cpu(run.daemon.pid)
        time.sleep(60)
        # A thread that ended takes its count with it: what the others did, and whoever is new, tell.
        wakeups = sum(count - first.get(task, 0) for task, count in switches(run.daemon.pid).items())
        print("idle with 10,000 items, host's clock, a minute in which nothing is due:")
        print(f"  wake-ups                    {wakeups}")
        print(f"  CPU s                       {cpu(run.daemon.pid) - used:.2f}")
        print(f"  RSS                         {status(run.daemon.pid, 'VmRSS') / 1024:.1f} MiB, "
              f"of it anonymous {status(run.daemon.pid, 'RssAnon') / 1024:.1f}")
        print(f"  RSS after the first pass    {after_first_pass:.1f} MiB")
        run.stop()


for option, figures in {"--scale": scale, "--stock": stock}.items():
    if option in sys.argv:
        figures(int(sys.argv[sys.argv.index(option) + 1]))
        sys.exit()
measure("10,000 items by list, three passes", "{orders: 2500, lines_per_order: 4, packages: 0}", 3, ["otcommerce"])
measure("10,000 parcels one by one, three passes", "{orders: 0, lines_per_order: 0, packages: 10000}", 3, ["shiptor"])
numbers()
idle()
scale(10_000)
stock(1_000_000)
large_backup(1000)
