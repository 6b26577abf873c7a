PRAGMA foreign_keys = OFF;
PRAGMA application_id = 1885564004;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
CREATE TABLE things (
    id                INTEGER PRIMARY KEY,
    kind              TEXT    NOT NULL, -- order, item, parcel, track_number
    label             TEXT    NOT NULL, -- 1907, 1907-2, 519, LP1930191011
    display           TEXT    NOT NULL,
    order_id          INTEGER REFERENCES things (id),
    first_seen_at     INTEGER NOT NULL,
    is_first_sight    INTEGER NOT NULL,
    created_at        INTEGER,
    stage             TEXT,             -- NULL when finished, and for an order whose items are watched
    stage_since_at    INTEGER NOT NULL,
    stage_since_basis TEXT    NOT NULL, -- happened, seen
    ending            TEXT,
    ended_at          INTEGER,
    deadline_at       INTEGER,          -- a confirming poll from then on changes the level
    merged_into       INTEGER REFERENCES things (id)
) STRICT;
CREATE INDEX things_by_label ON things (label, kind);
CREATE INDEX things_by_order ON things (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX things_by_deadline ON things (deadline_at) WHERE deadline_at IS NOT NULL;
CREATE TABLE views (
    id                INTEGER PRIMARY KEY,
    thing_id          INTEGER NOT NULL REFERENCES things (id),
    provider          TEXT    NOT NULL,
    external_kind     TEXT    NOT NULL,
    external_key      TEXT    NOT NULL,
    same_as_provider  TEXT,
    same_as_kind      TEXT,
    same_as_key       TEXT,
    code              TEXT    NOT NULL, -- the provider's own
    text              TEXT    NOT NULL,
    progress          TEXT    NOT NULL, -- at:inbound, finished:delivered, unstated, unmapped
    is_unmapped       INTEGER NOT NULL,
    condition         TEXT,
    since_at          INTEGER NOT NULL,
    since_basis       TEXT    NOT NULL,
    amount_minor      INTEGER,
    currency          TEXT,
    facts             TEXT    NOT NULL, -- JSON object
    change_signal     TEXT,
    digest            INTEGER NOT NULL,
    checkpoint_digest INTEGER,
    first_seen_at     INTEGER NOT NULL,
    seen_at           INTEGER NOT NULL,
    confirmed_at      INTEGER,
    listed_at         INTEGER,
    missed_passes     INTEGER NOT NULL,
    gone_at           INTEGER,
    error             TEXT, milestone TEXT, leg TEXT, summary TEXT,
    UNIQUE (provider, external_kind, external_key)
) STRICT;
CREATE INDEX views_by_thing ON views (thing_id);
CREATE INDEX views_live ON views (provider, external_kind)
    WHERE gone_at IS NULL AND progress NOT LIKE 'finished:%';
CREATE INDEX views_unmapped ON views (provider) WHERE is_unmapped;
CREATE INDEX views_by_same_as ON views (same_as_provider, same_as_kind, same_as_key)
    WHERE same_as_provider IS NOT NULL;
CREATE TABLE view_numbers (
    view_id  INTEGER NOT NULL REFERENCES views (id),
    position INTEGER NOT NULL,
    role     TEXT    NOT NULL,
    thing_id INTEGER NOT NULL REFERENCES things (id),
    PRIMARY KEY (view_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX view_numbers_by_thing ON view_numbers (thing_id);
CREATE TABLE view_contents (
    view_id  INTEGER NOT NULL REFERENCES views (id),
    position INTEGER NOT NULL,
    item_id  INTEGER NOT NULL REFERENCES things (id),
    PRIMARY KEY (view_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX view_contents_by_item ON view_contents (item_id);
CREATE TABLE events (
    id           INTEGER PRIMARY KEY,
    thing_id     INTEGER NOT NULL REFERENCES things (id),
    kind         TEXT    NOT NULL,
    provider     TEXT    NOT NULL,
    source       TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    place        TEXT    NOT NULL,
    happened_at  INTEGER NOT NULL,
    basis        TEXT    NOT NULL, -- happened: the provider's own time; seen: when parceld first saw it
    given        TEXT,             -- the provider's time as it wrote it
    seen_at      INTEGER NOT NULL,
    is_movement  INTEGER NOT NULL,
    identity     INTEGER NOT NULL,
    withdrawn_at INTEGER
, has_zone INTEGER NOT NULL DEFAULT 1, carrier TEXT NOT NULL DEFAULT '', country TEXT, meaning TEXT, position INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX events_by_thing ON events (thing_id);
CREATE TABLE alerts (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    thing_id    INTEGER REFERENCES things (id), -- NULL: a matter of the service
    key         TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER,
    is_overview INTEGER NOT NULL,
    facts       TEXT    NOT NULL  -- JSON object
, acknowledged_at INTEGER, acknowledged_by TEXT, snoozed_until INTEGER, snoozed_by TEXT, told_at INTEGER, next_at INTEGER) STRICT;
CREATE INDEX alerts_by_thing ON alerts (thing_id);
CREATE INDEX alerts_open ON alerts (kind) WHERE closed_at IS NULL;
CREATE TABLE alert_changes (
    id       INTEGER PRIMARY KEY,
    alert_id INTEGER NOT NULL REFERENCES alerts (id),
    change   TEXT    NOT NULL,
    level    TEXT    NOT NULL,
    made_at  INTEGER NOT NULL,
    cause    TEXT    NOT NULL,
    made_by  TEXT    NOT NULL,
    facts    TEXT    NOT NULL
, note TEXT) STRICT;
CREATE INDEX alert_changes_by_alert ON alert_changes (alert_id);
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    recipient       TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    dedup_key       TEXT    NOT NULL UNIQUE,
    parts           TEXT    NOT NULL, -- JSON array of texts, fixed before the first is sent
    parts_done      INTEGER NOT NULL DEFAULT 0,
    composed_at     INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    last_error      TEXT,
    refused_at      INTEGER,
    delivered_at    INTEGER           -- NULL until the channel took the last part
, part_references TEXT NOT NULL DEFAULT '[]') STRICT;
CREATE INDEX messages_open ON messages (channel, next_attempt_at) WHERE delivered_at IS NULL;
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY,
    recipient   TEXT    NOT NULL,
    channel     TEXT    NOT NULL,
    alert_id    INTEGER NOT NULL REFERENCES alerts (id),
    change      TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    is_overview INTEGER NOT NULL,
    facts       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    not_before  INTEGER NOT NULL,
    message_id  INTEGER REFERENCES messages (id)
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, not_before) WHERE message_id IS NULL;
CREATE INDEX outbox_by_alert ON outbox (alert_id);
CREATE TABLE asks (
    provider     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    key          TEXT    NOT NULL, -- empty: a list
    subject_kind TEXT    NOT NULL,
    subject_key  TEXT    NOT NULL,
    every_ms     INTEGER,          -- NULL: once
    next_at      INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    last_ok_at   INTEGER,
    last_error   TEXT, longest_ms INTEGER, until_at INTEGER, deadline_at INTEGER, asked_at INTEGER, latest_at INTEGER,
    PRIMARY KEY (provider, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX asks_due ON asks (provider, next_at, kind, key);
CREATE INDEX asks_lists_due ON asks (provider, next_at) WHERE key = '';
CREATE INDEX asks_by_subject ON asks (provider, subject_kind, subject_key);
CREATE TABLE providers (
    provider        TEXT PRIMARY KEY,
    first_pass_at   INTEGER,
    last_success_at INTEGER,
    failing_since   INTEGER,
    failures        INTEGER NOT NULL,
    last_error      TEXT,
    auth_failed_at  INTEGER
, probe_at INTEGER, is_spent INTEGER NOT NULL DEFAULT 0, writes_left INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE ledger (
    provider TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    spent    INTEGER NOT NULL, last_at INTEGER,
    PRIMARY KEY (provider, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE VIEW v_items AS
    -- One row for each item and provider that knows it; stage and ending are the item's, status is the provider's.
    SELECT t.id, t.label AS item, o.display AS order_number, t.stage, t.ending,
           v.provider, v.code AS status_code, v.text AS status, v.is_unmapped, v.condition,
           json_extract(v.facts, '$.title') AS title, json_extract(v.facts, '$.seller') AS seller,
           json_extract(v.facts, '$.external_order') AS external_order, v.amount_minor, v.currency,
           (SELECT group_concat(n.label, ' ') FROM view_numbers vn JOIN things n ON n.id = vn.thing_id
             WHERE vn.view_id = v.id) AS track_numbers,
           t.stage_since_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.stage_since_at / 1000, 'unixepoch') AS stage_since,
           t.ended_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.ended_at / 1000, 'unixepoch') AS ended,
           t.first_seen_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.first_seen_at / 1000, 'unixepoch') AS first_seen,
           v.confirmed_at, strftime('%Y-%m-%dT%H:%M:%SZ', v.confirmed_at / 1000, 'unixepoch') AS confirmed
      FROM things t LEFT JOIN things o ON o.id = t.order_id LEFT JOIN views v ON v.thing_id = t.id
     WHERE t.kind = 'item' AND t.merged_into IS NULL;
CREATE VIEW v_parcels AS
    -- One row for each parcel and provider that knows it; items and track_numbers are those the provider names.
    SELECT t.id, t.label AS parcel, o.display AS order_number, t.stage, t.ending,
           v.provider, v.code AS status_code, v.text AS status, v.is_unmapped, v.condition,
           (SELECT group_concat(i.label, ' ') FROM view_contents c JOIN things i ON i.id = c.item_id
             WHERE c.view_id = v.id) AS items,
           (SELECT group_concat(n.label, ' ') FROM view_numbers vn JOIN things n ON n.id = vn.thing_id
             WHERE vn.view_id = v.id) AS track_numbers,
           t.stage_since_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.stage_since_at / 1000, 'unixepoch') AS stage_since,
           t.ended_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.ended_at / 1000, 'unixepoch') AS ended,
           t.first_seen_at, strftime('%Y-%m-%dT%H:%M:%SZ', t.first_seen_at / 1000, 'unixepoch') AS first_seen,
           v.confirmed_at, strftime('%Y-%m-%dT%H:%M:%SZ', v.confirmed_at / 1000, 'unixepoch') AS confirmed
      FROM things t LEFT JOIN things o ON o.id = t.order_id LEFT JOIN views v ON v.thing_id = t.id
     WHERE t.kind = 'parcel' AND t.merged_into IS NULL;
CREATE VIEW v_track_numbers AS
    -- One row for each number, thing that carries it and provider that says so.
    SELECT n.id, n.label AS track_number, vn.role, t.kind AS carried_by_kind, t.label AS carried_by, v.provider,
           t.stage, t.ending,
           n.first_seen_at, strftime('%Y-%m-%dT%H:%M:%SZ', n.first_seen_at / 1000, 'unixepoch') AS first_seen
      FROM things n JOIN view_numbers vn ON vn.thing_id = n.id JOIN views v ON v.id = vn.view_id
      JOIN things t ON t.id = v.thing_id
     WHERE n.kind = 'track_number';
CREATE VIEW v_events AS
    -- The whole history, oldest row first by id; basis tells whether the provider gave the time or parceld saw it.
    SELECT e.id, t.kind AS thing_kind, t.label AS thing, e.kind, e.provider, e.code, e.text, e.place, e.basis,
           e.happened_at, strftime('%Y-%m-%dT%H:%M:%SZ', e.happened_at / 1000, 'unixepoch') AS happened,
           e.given, e.is_movement,
           e.seen_at, strftime('%Y-%m-%dT%H:%M:%SZ', e.seen_at / 1000, 'unixepoch') AS seen, e.withdrawn_at
      FROM events e JOIN things t ON t.id = e.thing_id;
CREATE INDEX events_unmapped ON events (provider, code) WHERE meaning LIKE '?%';
CREATE TABLE luck (
    provider TEXT    NOT NULL,
    form     TEXT    NOT NULL,
    known    INTEGER NOT NULL,
    missed   INTEGER NOT NULL,
    PRIMARY KEY (provider, form)
) STRICT, WITHOUT ROWID;
CREATE VIEW v_journeys AS
    -- One row for each number and provider that follows it: how far, where, what is wrong, in its own words.
    SELECT n.id, n.label AS track_number, v.provider, v.milestone, v.condition, v.leg, v.code AS status_code,
           v.text AS status, v.since_at,
           strftime('%Y-%m-%dT%H:%M:%SZ', v.since_at / 1000, 'unixepoch') AS since,
           v.confirmed_at, strftime('%Y-%m-%dT%H:%M:%SZ', v.confirmed_at / 1000, 'unixepoch') AS confirmed
      FROM things n JOIN views v ON v.thing_id = n.id
     WHERE n.kind = 'track_number' AND v.provider <> 'user';
CREATE INDEX alerts_next ON alerts (next_at) WHERE closed_at IS NULL AND next_at IS NOT NULL;
CREATE VIEW v_stalled AS
    -- One row for each thing that stands still now; alert is stall, contradiction where providers disagree, or signed
    -- where only the courier knows that it arrived.
    SELECT a.id AS alert_id, t.kind, t.label AS thing, o.display AS order_number, a.kind AS alert, a.level,
           json_extract(a.facts, '$.stage') AS stage, json_extract(a.facts, '$.workingDays') AS working_days,
           json_extract(a.facts, '$.since.at') AS silent_since_at,
           strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(a.facts, '$.since.at') / 1000, 'unixepoch') AS silent_since,
           json_extract(a.facts, '$.confirmedAt') AS confirmed_at,
           strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(a.facts, '$.confirmedAt') / 1000, 'unixepoch') AS confirmed,
           a.opened_at, strftime('%Y-%m-%dT%H:%M:%SZ', a.opened_at / 1000, 'unixepoch') AS opened,
           a.acknowledged_by, a.snoozed_until,
           strftime('%Y-%m-%dT%H:%M:%SZ', a.snoozed_until / 1000, 'unixepoch') AS snoozed
      FROM alerts a JOIN things t ON t.id = a.thing_id LEFT JOIN things o ON o.id = t.order_id
     WHERE a.closed_at IS NULL AND a.kind IN ('stall', 'contradiction', 'signed');
CREATE INDEX things_by_state ON things (kind, ending, stage, merged_into) WHERE merged_into IS NULL;
INSERT INTO grdb_migrations VALUES ('1 the mirror, alerts, outbox and schedule');
INSERT INTO grdb_migrations VALUES ('2 numbers followed at carriers, budgets and breakers');
INSERT INTO grdb_migrations VALUES ('3 what people do about alerts');
INSERT INTO grdb_migrations VALUES ('4 what channels call the parts they took');
INSERT INTO grdb_migrations VALUES ('5 things counted by state');
INSERT INTO things VALUES (1, 'order', '1907', 'ORD-000001907', NULL, 1506427200000, 1, 1505995200000, NULL, 1506427200000, 'seen', NULL, NULL, NULL, NULL);
INSERT INTO things VALUES (2, 'item', '1907-1', '1907-1', 1, 1506427200000, 1, NULL, NULL, 1506427200000, 'seen', 'refunded', 1506427260000, NULL, NULL);
INSERT INTO things VALUES (3, 'item', '1907-2', '1907-2', 1, 1506427200000, 0, NULL, 'inbound', 1506427200000, 'happened', NULL, NULL, 1507564800000, NULL);
INSERT INTO things VALUES (4, 'track_number', '71148967930433', '71148967930433', NULL, 1506427200000, 0, NULL, NULL, 1506427200000, 'seen', NULL, NULL, NULL, NULL);
INSERT INTO things VALUES (5, 'parcel', '520', '520', 1, 1506427200000, 0, NULL, 'handover', 1506427200000, 'seen', NULL, NULL, NULL, NULL);
INSERT INTO things VALUES (6, 'parcel', 'litemf:7', 'litemf:7', NULL, 1506427200000, 0, NULL, NULL, 1506427200000, 'seen', NULL, NULL, NULL, 5);
INSERT INTO views VALUES (1, 3, 'otcommerce', 'item', '1907/2', NULL, NULL, NULL, '4', 'Заказано', 'at:inbound', 0, 'delayed', 1506427200000, 'happened', 14467, 'RUB', '{"seller":"店"}', '4:2', 11, 12, 1506427200000, 1506513600000, 1506513600000, NULL, 0, NULL, NULL, 'origin_transit', 'cn_domestic', NULL);
INSERT INTO views VALUES (2, 5, 'shiptor', 'parcel', '11578', 'otcommerce', 'parcel', '520', 'new', 'weird', 'unmapped', 1, NULL, 1506427200000, 'seen', NULL, NULL, '{}', NULL, 13, NULL, 1506427200000, 1506513600000, NULL, NULL, 1, 1506600000000, 'cannot read status', NULL, NULL, NULL);
INSERT INTO view_numbers VALUES (1, 0, 'domestic', 4);
INSERT INTO view_contents VALUES (2, 0, 3);
INSERT INTO events VALUES (1, 3, 'status', 'otcommerce', '1907/2', '4', 'Заказано', '', 1506427200000, 'happened', '26.09', 1506427200000, 1, 77, NULL, 1, '', NULL, NULL, 0);
INSERT INTO events VALUES (2, 5, 'checkpoint', 'shiptor', '11578', 'x', 'Принято', 'Гуанчжоу', 1506427300000, 'happened', NULL, 1506427300000, 1, -78, 1506500000000, 1, 'cdek', 'CN', NULL, 3);
INSERT INTO alerts VALUES (1, 'stall', 3, 'stall/inbound/1', 'warning', 1507564800000, NULL, 0, '{"label":"1907-2","stage":"inbound","workingDays":4,"thingKind":"item"}', 1507565000000, 'cli:anna', NULL, NULL, 1507564800000, NULL);
INSERT INTO alert_changes VALUES (1, 1, 'opened', 'warning', 1507564800000, 'threshold', 'parceld', '{"label":"1907-2","workingDays":4}', NULL);
INSERT INTO alert_changes VALUES (2, 1, 'acknowledged', 'warning', 1507565000000, 'by_hand', 'cli:anna', '{"label":"1907-2"}', 'called them');
INSERT INTO messages VALUES (1, 'manager', 'telegram', 'parceld-1', '["text"]', 1, 1507564800000, 1, 1507564900000, 'status 502', NULL, 1507565000000, '["77"]');
INSERT INTO outbox VALUES (1, 'manager', 'telegram', 1, 'opened', 'warning', 0, '{"label":"1907-2"}', 1507564800000, 1507564800000, 1);
INSERT INTO asks VALUES ('otcommerce', 'details', '1907', 'order', '1907', 7200000, 1507564800000, 2, NULL, 'status 502', 86400000, 1600000000000, NULL, 1507561200000, NULL);
INSERT INTO asks VALUES ('otcommerce', 'orders', '', '', '', 3600000, 1507564800000, 0, 1507561200000, NULL, 86400000, 1600000000000, NULL, 1507561200000, NULL);
INSERT INTO providers VALUES ('otcommerce', 1506427200000, 1507561200000, NULL, 0, NULL, NULL, 1507561300000, 0, 40);
INSERT INTO ledger VALUES ('otcommerce', 17448, 42, 1507561200000);
INSERT INTO settings VALUES ('mark', 'kept');
INSERT INTO luck VALUES ('17track', 'S10 CN', 5, 2);
