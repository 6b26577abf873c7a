// Which keys a configuration has, each once: the reader takes from here which are known and which are required, and the
// schema for editors (ConfigSchema.swift) is made of it. Providers and channels declare their own.

import ParcelCore

/// One key, what stands there, and what it is.
struct Declared: Sendable {
    indirect enum Form: Sendable {
        case setting(SettingKey.Kind)
        /// A text that no number is: a path, a name.
        case path
        /// `16 MiB`
        case size
        case proxy
        /// An address for a person, or mailto:.
        case link
        /// `09:00-18:00`
        case hours
        /// One `09:00` or several.
        case times
        /// One day or range of days, or several.
        case dates
        /// A number of working days, or never.
        case reminder
        /// One name or several, of what the configuration itself names.
        case ownNames
        case section([Declared])
        case list([Declared])
        /// A section for each of these names.
        case sections([String], [Declared])
        /// A list for each of these names.
        case lists([String], [Declared])
        /// Keys of the user's own.
        case each(Form)
        case providers
        case channels
    }

    let name: String
    let form: Form
    let isRequired: Bool
    let summary: String

    init(_ name: String, _ form: Form, required: Bool = false, _ summary: String) {
        self.name = name
        self.form = form
        isRequired = required
        self.summary = summary
    }

    static let logLevels = ["error", "notice", "info", "debug"]
    static let reminderDays = 1...250
    static let warningDays = 1...364
    static let criticalDays = 1...365
    private static let stages = Stage.allCases.map(\.rawValue)
    private static let roles = ContactRole.allCases.map(\.rawValue)

    static let whole: [Declared] = [
        Declared("database", .path, required: true, "the SQLite file that the mirror is kept in"),
        Declared("control_socket", .path, "the socket that parcelctl asks; /run/parceld/control.sock if left out"),
        Declared("zoneinfo", .path, "folder with the rules of time zones; /usr/share/zoneinfo if left out"),
        Declared("templates", .path, "folder with texts of your own; none if left out"),
        Declared("log_level", .setting(.choice(logLevels)), "how much goes to the journal; info if left out"),
        Declared("http", .section(http), "how parceld goes out"),
        Declared(
            "provider_down_after", .setting(.duration),
            "after how long without a usable answer a provider is told as down; 1 h if left out"),
        Declared(
            "remind_after_working_days", .reminder,
            "after how many working days a critical alert that nobody took on is told again, or never; 5 if left out"),
        Declared("heartbeat", .section(heartbeat), "a sign of life for a service that watches from outside"),
        Declared("metrics", .section(metrics), "figures for Prometheus and the like; none if left out"),
        Declared("providers", .providers, required: true, "what is polled: at least one"),
        Declared(
            "routes", .each(.ownNames), "who is asked about numbers that begin so; all that know the form if left out"),
        Declared("cadence", .section(cadence), "how often a number is asked about, by how far it has come"),
        Declared("stages", .sections(stages, stage), "when silence becomes a stall, by what a thing waits for"),
        Declared("deciding_order", .section(decidingOrder), "whose word decides where several know a thing"),
        Declared("contacts", .lists(roles, contact), "whom alerts name, by role"),
        Declared("calendars", .each(.path), "files of calendars of your own, by id"),
        Declared("overlays", .list(overlay), "what a place does differently from its country"),
        Declared("channels", .channels, required: true, "ways to tell somebody, by names of yours: at least one"),
        Declared("recipients", .list(recipient), required: true, "who is told: at least one"),
    ]

    static let http: [Declared] = [
        Declared("proxy", .proxy, "an http, https or socks5h proxy; none if left out"),
        Declared("ca_file", .path, "a PEM file with the roots to trust instead of the system's"),
        Declared("connect_timeout", .setting(.duration), "how long connecting may take; 10 s if left out"),
        Declared("timeout", .setting(.duration), "how long one request may take; 60 s if left out"),
        Declared("body_limit", .size, "the largest answer that is read; 16 MiB if left out"),
    ]

    static let heartbeat: [Declared] = [
        Declared("url", .setting(.url), required: true, "the address that is called after good passes")
    ]

    static let metrics: [Declared] = [
        Declared(
            "listen", .path, "this machine's address for GET /metrics: 127.0.0.1:9472, unix:/run/parceld/metrics.sock"),
        Declared("textfile", .path, "a file for the node exporter's collector; it ends with .prom"),
        Declared("every", .setting(.duration), "how often the file is written; 1 min if left out"),
    ]

    static let cadence: [Declared] =
        Milestone.allCases.map { Declared($0.rawValue, .setting(.duration), "10 min to 7 d") } + [
            Declared("held", .setting(.duration), "held by customs, or a duty is due; 10 min to 7 d"),
            Declared("returning", .setting(.duration), "on its way back; 10 min to 7 d"),
            Declared("longest", .setting(.duration), "the longest for any; 10 min to 7 d"),
        ]

    static let decidingOrder: [Declared] = [
        Declared("items", .ownNames, "providers that decide about orders and items"),
        Declared("handover", .ownNames, "providers that decide about parcels until they are sent"),
        Declared("under_way", .ownNames, "providers that decide about parcels under way"),
    ]

    static let contact: [Declared] = [
        Declared("name", .path, required: true, "as alerts call them"),
        Declared("url", .link, required: true, "where to write: an address or mailto:"),
    ]

    static let stage: [Declared] = [
        Declared("calendars", .ownNames, "whose working days count: cn, ru, plain, six, daily or your own"),
        Declared(
            "combine", .setting(.choice(Combination.allCases.map(\.rawValue))),
            "whether all of several calendars have to work on a day, or any"),
        Declared("zone", .setting(.zone), "in which its days begin and end, such as Europe/Moscow"),
        Declared("warning_working_days", .setting(.integer(warningDays)), "working days of silence until the warning"),
        Declared("critical_working_days", .setting(.integer(criticalDays)), "until it is critical; more than that"),
        Declared("contacts", .setting(.names(roles)), "whom the alert says to write to, in order"),
    ]

    static let overlay: [Declared] = [
        Declared("name", .path, required: true, "explains the days that it decides"),
        Declared("off", .dates, "free days: dates, or ranges with both their ends"),
        Declared("work", .dates, "worked days, as off"),
        Declared(
            "week", .setting(.choice(Overlay.Week.allCases.map(\.rawValue))), "a longer week: six or seven days"),
        Declared("stages", .setting(.names(stages)), "for which stages"),
        Declared("contacts", .setting(.names(roles)), "for the stages that one of these is the first contact of"),
    ]

    static let recipient: [Declared] = [
        Declared("name", .path, required: true, "as the journal and parcelctl call them"),
        Declared("language", .setting(.choice(Language.allCases.map(\.rawValue))), "of the messages; ru if left out"),
        Declared("zone", .setting(.zone), required: true, "of the hours and of the times in messages"),
        Declared("hours", .hours, required: true, "when messages may come, such as \"09:00-18:00\""),
        Declared("calendar", .ownNames, "on whose working days; ru if left out"),
        Declared("channels", .ownNames, required: true, "through which channels; each gets every message"),
        Declared(
            "minimum_level", .setting(.choice(Level.allCases.map(\.rawValue))),
            "the least level that is told; warning if left out"),
        Declared("only", .section(filter), "only what is in each of these"),
        Declared("except", .section(filter), "not what is in any of these"),
        Declared("digest_times", .times, "when what came about is told in one message; as it comes if left out"),
        Declared("immediate", .setting(.names(KindSet.names)), "kinds that wait for no digest_times"),
        Declared(
            "immediate_outside_hours", .setting(.boolean), "whether those do not wait for the hours; false if left out"),
        Declared("weekly_summary", .setting(.boolean), "whether a summary begins the week; true if left out"),
    ]

    static let filter: [Declared] = [
        Declared("contacts", .setting(.names(roles)), "whom the alert says to write to first"),
        Declared("stages", .setting(.names(stages)), "what its thing waits for"),
        Declared("providers", .ownNames, "which it is about, or which decides about its thing"),
        Declared("kinds", .setting(.names(KindSet.names)), "what it tells; service is all about parceld and providers"),
    ]
}
