"""A database of every earlier schema, with an open alert in it, comes under today's daemon by an upgrade."""

import json
import pathlib
import re
import shutil
import sqlite3
import time

from harness import (ROOT, SERVICE, Simulator, configure, eventually, expect, is_active, older, prepare, run_tests, sh, show,
                     systemctl, test)

STATE = pathlib.Path("/var/lib/parceld")
DATABASE = STATE / "parceld.sqlite"
# As the store's own tests have them, one for each schema there was; the last one is today's.
GOLDEN = {int(path.stem.split("-")[1]): path for path in (ROOT / "Tests/ParcelStoreTests/Fixtures").glob("schema-*.sql")}
MOMENT = re.compile(r"\b150\d{10}\b")
# They have a row of everything, at odds with each other. Here a daemon decides about them, so they are made to tell one
# story: item 1907-2 stands still, as was seen a minute ago, its alert was to be told just now, and all else is well.
STORY = """
UPDATE views SET condition = NULL, gone_at = NULL, missed_passes = 0, error = NULL, is_unmapped = 0;
UPDATE views SET seen_at = 1507564800000, confirmed_at = 1507564800000, listed_at = NULL;
UPDATE views SET code = '13', text = 'Packed', progress = 'at:handover' WHERE id = 2;
UPDATE things SET ending = 'delivered' WHERE id = 2;
UPDATE view_contents SET item_id = 2;
UPDATE alerts SET key = 'stall/inbound/1506427200000';
UPDATE alert_changes SET facts = (SELECT facts FROM alerts);
UPDATE messages SET parts_done = 0, delivered_at = NULL;
"""
# Not in every schema.
NOT_TOLD = "UPDATE messages SET part_references = '[]';\n"
# Whatever day it is: between thirteen days ago and now is more than one working day, and fewer than thirty.
STAGES = """stages:
  inbound: {warning_working_days: 1, critical_working_days: 60}
  handover: {warning_working_days: 30, critical_working_days: 60}
"""
# What the daemon writes at its start is elsewhere: when it looks again, whom it asks next.
KEPT = {
    "things": "id, kind, label, display, order_id, first_seen_at, created_at, stage, stage_since_at, ending, merged_into",
    "views": "id, thing_id, provider, external_key, text, progress, since_at, facts, confirmed_at",
    "view_numbers": "*", "view_contents": "*",
    "events": "id, thing_id, kind, provider, source, code, text, place, happened_at, given, seen_at, identity",
}

package = prepare()
previous = older(package, "0.0.1")
sim = Simulator("faults:\n  - {provider: otcommerce, kind: hang}\n  - {provider: shiptor, kind: hang}\n")


def lay(schema):
    """Leaves the database as a daemon would that was stopped a minute ago: all its moments are moved."""
    text = GOLDEN[schema].read_text() + STORY
    if "part_references" in text:
        text += NOT_TOLD
    ahead = int(time.time() * 1000) - 60_000 - max(int(moment) for moment in MOMENT.findall(text))
    shutil.rmtree(STATE, ignore_errors=True)
    sh("install", "-d", "-o", "parceld", "-g", "parceld", "-m", "750", STATE)
    database = sqlite3.connect(DATABASE)
    database.executescript(MOMENT.sub(lambda moment: str(int(moment[0]) + ahead), text))
    database.close()
    DATABASE.chmod(0o640)
    shutil.chown(DATABASE, "parceld", "parceld")


def rows(path, **columns):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = {name: sorted(map(repr, database.execute(f"SELECT {columns[name]} FROM {name}"))) for name in columns}
    database.close()
    return found


def alerts():
    return json.loads(sh("parcelctl", "alerts", "--all", "--json", status=None))


def told():
    return [message["text"] for message in sim.messages()]


def tried(schema):
    copy = pathlib.Path(f"{DATABASE}.before-schema-{schema + 1}")
    before = {}

    @test(f"from schema {schema}: once it is upgraded the daemon becomes ready, and what was stored is there")
    def ready():
        systemctl("stop", SERVICE, status=None)
        sh("dpkg", "--install", previous)
        configure(sim, providers=["otcommerce", "shiptor"], more=STAGES)
        lay(schema)
        before.update(rows(DATABASE, **KEPT), opened=rows(DATABASE, alerts="opened_at"), told=len(told()))
        sh("dpkg", "--install", package)
        expect(not is_active() and not copy.exists())
        systemctl("start", SERVICE)
        expect(is_active() and show("NRestarts") == "0")
        after = rows(DATABASE, **KEPT)
        for name in KEPT:
            expect(before[name] and after[name] == before[name], (name, before[name], after[name]))
        shown = json.loads(sh("parcelctl", "list", "--json"))
        expect({each["thing"]: each["stage"] for each in shown}["1907-2"] == "inbound", shown)

    @test(f"from schema {schema}: the open alert is open still, the same one and no other")
    def alert():
        eventually(lambda: told()[before["told"]:])
        (one,) = alerts()
        expect((one["id"], one["kind"], one["thing"], one["level"]) == (1, "stall", "1907-2", "warning"), one)
        expect(one["closedAt"] is None and one["changes"][0]["change"] == "opened", one)
        expect(rows(DATABASE, alerts="opened_at") == before["opened"])

    @test(f"from schema {schema}: what it had not told yet is told once, and not again after the next start")
    def once():
        expect(told()[before["told"]:] == ["text"], told())
        systemctl("restart", SERVICE)
        asked = sim.requests()
        sh("parcelctl", "poll", "otcommerce", status=None)
        eventually(lambda: sim.requests() > asked)
        expect(told()[before["told"]:] == ["text"] and len(alerts()) == 1, told())

    @test(f"from schema {schema}: a copy of that lies beside it, whole, for the group and nobody else")
    def kept():
        expect(sh("stat", "-c", "%U:%G %a", copy).strip() == "parceld:parceld 640")
        expect(f"schema {schema} of" in sh("parcelctl", "verify", copy))
        expect(rows(copy, **KEPT) == {name: before[name] for name in KEPT})

    @test(f"from schema {schema}: the upgraded database keeps all that it promises")
    def verified():
        expect("schema" not in sh("parcelctl", "verify"))


for number in sorted(GOLDEN)[:-1]:
    tried(number)

run_tests()
