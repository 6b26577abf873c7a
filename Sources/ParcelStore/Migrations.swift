// The schema, step by step. A step is appended, never edited: every released database is upgraded through them.

import GRDB

func migrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 the mirror, alerts, outbox and schedule") { db in
        try db.execute(sql: firstSchema)
    }
    migrator.registerMigration("2 numbers followed at carriers, budgets and breakers") { db in
        try db.execute(sql: followedNumbers)
    }
    migrator.registerMigration("3 what people do about alerts") { db in
        try db.execute(sql: attendedAlerts)
    }
    migrator.registerMigration("4 what channels call the parts they took") { db in
        try db.execute(sql: partReferences)
    }
    migrator.registerMigration("5 things counted by state") { db in
        try db.execute(sql: countedThings)
    }
    return migrator
}

/// All `_at` columns are instants: milliseconds since 1970, UTC. Money is in minor units of `currency`.
private let firstSchema = """
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
    -- Not unique: two lines of an order may swap their numbers in one answer.
    CREATE INDEX things_by_label ON things (label, kind);
    CREATE INDEX things_by_order ON things (order_id) WHERE order_id IS NOT NULL;
    -- Most things have no deadline, because they are finished.
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
        error             TEXT,
        UNIQUE (provider, external_kind, external_key)
    ) STRICT;
    CREATE INDEX views_by_thing ON views (thing_id);
    -- What a complete list should still show: over the years most views are finished.
    CREATE INDEX views_live ON views (provider, external_kind)
        WHERE gone_at IS NULL AND progress NOT LIKE 'finished:%';
    -- Status codes that this version does not know; there are few, and they are shown.
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

    -- Append-only. What a provider took back is marked withdrawn; the order within the file is the row id's.
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
    ) STRICT;
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
    ) STRICT;
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
    ) STRICT;
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
    ) STRICT;
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
    -- Few rows are due and most are delivered, so the index holds only the rest.
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
        last_error   TEXT,
        PRIMARY KEY (provider, kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX asks_due ON asks (provider, next_at, kind, key);
    -- The few lists are looked for apart from the many asks about single things.
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
    ) STRICT, WITHOUT ROWID;

    -- Requests sent, by UTC day (days since 1970).
    CREATE TABLE ledger (
        provider TEXT    NOT NULL,
        day      INTEGER NOT NULL,
        spent    INTEGER NOT NULL,
        PRIMARY KEY (provider, day)
    ) STRICT, WITHOUT ROWID;

    -- The effective rules, so that parcelctl explains by the same ones.
    CREATE TABLE settings (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The stable interface for other tools. Columns that end in _at are instants in ms, those of the same name without it
    -- are the same as text, UTC. Money is amount_minor / 100 of currency.
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
    CREATE VIEW v_stalled AS
        -- One row for each thing that stands still now; alert is stall, or contradiction where providers disagree.
        SELECT a.id AS alert_id, t.kind, t.label AS thing, o.display AS order_number, a.kind AS alert, a.level,
               json_extract(a.facts, '$.stage') AS stage, json_extract(a.facts, '$.workingDays') AS working_days,
               json_extract(a.facts, '$.since.at') AS silent_since_at,
               strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(a.facts, '$.since.at') / 1000, 'unixepoch') AS silent_since,
               json_extract(a.facts, '$.confirmedAt') AS confirmed_at,
               strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(a.facts, '$.confirmedAt') / 1000, 'unixepoch') AS confirmed,
               a.opened_at, strftime('%Y-%m-%dT%H:%M:%SZ', a.opened_at / 1000, 'unixepoch') AS opened
          FROM alerts a JOIN things t ON t.id = a.thing_id LEFT JOIN things o ON o.id = t.order_id
         WHERE a.closed_at IS NULL AND a.kind IN ('stall', 'contradiction');
    CREATE VIEW v_events AS
        -- The whole history, oldest row first by id; basis tells whether the provider gave the time or parceld saw it.
        SELECT e.id, t.kind AS thing_kind, t.label AS thing, e.kind, e.provider, e.code, e.text, e.place, e.basis,
               e.happened_at, strftime('%Y-%m-%dT%H:%M:%SZ', e.happened_at / 1000, 'unixepoch') AS happened,
               e.given, e.is_movement,
               e.seen_at, strftime('%Y-%m-%dT%H:%M:%SZ', e.seen_at / 1000, 'unixepoch') AS seen, e.withdrawn_at
          FROM events e JOIN things t ON t.id = e.thing_id;
    """

private let followedNumbers = """
    -- What a carrier's events amount to; NULL on views of other things.
    ALTER TABLE views ADD COLUMN milestone TEXT;
    ALTER TABLE views ADD COLUMN leg TEXT;
    ALTER TABLE views ADD COLUMN summary TEXT;                -- what the carrier's own word for the whole means

    ALTER TABLE events ADD COLUMN has_zone INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE events ADD COLUMN carrier TEXT NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN country TEXT;
    ALTER TABLE events ADD COLUMN meaning TEXT;               -- ? where the code is not known
    ALTER TABLE events ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX events_unmapped ON events (provider, code) WHERE meaning LIKE '?%';

    ALTER TABLE asks ADD COLUMN longest_ms INTEGER;           -- no longer than this without being asked
    ALTER TABLE asks ADD COLUMN until_at INTEGER;             -- not asked any more from then on
    ALTER TABLE asks ADD COLUMN deadline_at INTEGER;          -- the threshold that an answer could confirm
    ALTER TABLE asks ADD COLUMN asked_at INTEGER;
    ALTER TABLE asks ADD COLUMN latest_at INTEGER;            -- by then it has to be asked again

    ALTER TABLE providers ADD COLUMN probe_at INTEGER;        -- nothing is asked before, but for a person's wish
    ALTER TABLE providers ADD COLUMN is_spent INTEGER NOT NULL DEFAULT 0; -- it waits for its day's end, not for its health
    ALTER TABLE providers ADD COLUMN writes_left INTEGER;     -- NULL: not known

    -- Days are the provider's own, in its zone, as days since 1970.
    ALTER TABLE ledger ADD COLUMN last_at INTEGER;

    -- How often a provider knew numbers of a form: what it never knows it is asked less and less about.
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
    """

private let attendedAlerts = """
    ALTER TABLE alerts ADD COLUMN acknowledged_at INTEGER;
    ALTER TABLE alerts ADD COLUMN acknowledged_by TEXT;
    ALTER TABLE alerts ADD COLUMN snoozed_until INTEGER;
    ALTER TABLE alerts ADD COLUMN snoozed_by TEXT;
    ALTER TABLE alerts ADD COLUMN told_at INTEGER;            -- last; NULL: when it was opened
    ALTER TABLE alerts ADD COLUMN next_at INTEGER;            -- when time alone does something about it
    CREATE INDEX alerts_next ON alerts (next_at) WHERE closed_at IS NULL AND next_at IS NOT NULL;

    ALTER TABLE alert_changes ADD COLUMN note TEXT;           -- a person's words

    DROP VIEW v_stalled;
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
    """

private let partReferences = """
    -- JSON array: what the channel called each part that it took, null where it said nothing.
    ALTER TABLE messages ADD COLUMN part_references TEXT NOT NULL DEFAULT '[]';
    """

private let countedThings = """
    -- How many there are of each kind is asked for every minute, and read from here alone.
    CREATE INDEX things_by_state ON things (kind, ending, stage, merged_into) WHERE merged_into IS NULL;
    """
