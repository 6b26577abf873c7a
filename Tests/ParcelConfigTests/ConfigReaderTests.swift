@testable import ParcelConfig
import ParcelCore
import Testing

/// One line replaced, and the problems that makes: line, path, part of the message.
struct BadCase: Sendable, CustomTestStringConvertible {
    let line: Int
    let text: String
    let problems: [(line: Int?, path: String, part: String)]
    var testDescription: String { text }

    init(_ line: Int, _ text: String, _ problems: (line: Int?, path: String, part: String)...) {
        (self.line, self.text, self.problems) = (line, text, problems)
    }
}

func expect(_ found: [Problem], _ expected: [(line: Int?, path: String, part: String)]) {
    #expect(found.count == expected.count, "\(found)")
    for (problem, wanted) in zip(found, expected) {
        #expect(problem.line == wanted.line, "\(problem)")
        #expect(problem.path == wanted.path, "\(problem)")
        #expect(problem.message.contains(wanted.part), "\(problem)")
    }
}

struct ConfigReaderTests {
    @Test func `nothing but what is required is enough`() {
        let (config, problems) = read(small.joined(separator: "\n"))
        #expect(problems.isEmpty)
        #expect(config.database == "mirror.sqlite")
        #expect(config.controlSocket == "/run/parceld/control.sock")
        #expect(config.zoneinfo == "/usr/share/zoneinfo")
        #expect(config.logLevel == "info")
        #expect(config.http == HTTPOptions())
        #expect(config.providerDownAfter == .hours(1))
        #expect(config.rules.remindAfter == 5)
        #expect(config.rules == .standard)
        #expect(config.providers.map(\.name) == ["shiptor"])
        #expect(config.providers[0].secrets["token"]?.kind == .file("token"))
        #expect(config.providers[0].secrets["token"]?.line == 4)
        #expect(config.channels.map(\.kind) == ["journal"])
        #expect(
            config.recipients == [
                RecipientSettings(
                    name: "manager", language: .ru, zone: "Europe/Moscow", opens: 32_400, closes: 64_800,
                    calendars: ["ru"], channels: ["chat"], line: 9)
            ])
    }

    @Test func `everything that can be set arrives`() {
        let (config, problems) = read(everything)
        #expect(problems == [])
        #expect(config.controlSocket == "run/c.sock")
        #expect(config.zoneinfo == "zones")
        #expect(config.logLevel == "debug")
        #expect(
            config.http
                == HTTPOptions(
                    proxy: "socks5h://[::1]:1080", caFile: "ca.pem", connectTimeout: .seconds(3), timeout: .minutes(2),
                    bodyLimit: 512 << 10))
        #expect(config.providerDownAfter == .days(1))
        #expect(config.rules.remindAfter == nil)
        // In the order of the list of providers, whatever the order of the file.
        #expect(config.providers.map(\.name) == ["otcommerce", "shiptor"])
        let (shop, carrier) = (config.providers[0], config.providers[1])
        #expect(shop.settings.text("url") == "https://shop.example:8443/api/")
        #expect(shop.settings.text("login") == "0042")
        #expect(shop.settings.map("package_statuses") == ["11": "handover", "12": "sent"])
        #expect(shop.settings.integer("frame") == 500)
        #expect(shop.secrets["password"]?.kind == .credential("shop-password"))
        #expect(carrier.settings.duration("every") == .seconds(90))
        #expect(carrier.settings.boolean("archive") == true)
        #expect(carrier.settings.number("requests_per_second") == 0.5)
        #expect(config.channels.map(\.name) == ["log", "chat"])
        #expect(config.channels[1].settings.text("chat") == "-1001907")
        #expect(config.calendarFiles["mine"]?.path == "mine.csv")
        let crossBorder = config.rules.stages[.crossBorder]
        #expect(
            crossBorder
                == StageSettings(
                    calendars: ["mine", "six"], combine: .any, zone: "Asia/Almaty", warning: 3, critical: 9,
                    contacts: [.manager]))
        #expect(config.rules.stages[.purchase] == RuleSettings.standard.stages[.purchase])
        #expect(config.rules.deciding.items == ["litemf"])
        #expect(config.rules.deciding.handover == DecidingOrder.standard.handover)
        #expect(config.rules.contacts[.manager] == [Contact(name: "Olga", url: "mailto:olga@shop.example")])
        #expect(config.rules.contacts[.logist] == RuleSettings.standard.contacts[.logist])
        #expect(config.recipients.map(\.opens) == [0, 34_200])
        #expect(config.recipients.map(\.closes) == [86_400, 34_260])
        #expect(config.recipients.map(\.calendars) == [["daily"], ["cn", "ru"]])
        #expect(config.recipients.map(\.language) == [.en, .ru])
        #expect(Set(config.addresses) == ["https://shop.example:8443/api/", "socks5h://[::1]:1080"])
    }

    @Test func `each place that names a zone is known, and each standard zone once`() {
        let (config, _) = read(small(13, "stages: {pickup: {zone: Asia/Omsk}, payment: {zone: Asia/Omsk}}"))
        #expect(config.zones.filter { $0.line != nil }.map(\.name) == ["Europe/Moscow", "Asia/Omsk", "Asia/Omsk"])
        #expect(config.zones.filter { $0.line == nil }.map(\.name) == ["Asia/Shanghai"])
        #expect(config.zones.map(\.line) == [10, 13, 13, nil])
    }

    static let sections: [BadCase] = [
        BadCase(1, "", (nil, "", "database is missing")),
        BadCase(
            1, "databse: x", (nil, "", "database is missing"),
            (1, "databse", "did you mean database? (known: database, ")),
        BadCase(1, "database:", (1, "database", "expected a text, found nothing")),
        BadCase(1, "database: 5", (1, "database", "found the number 5; put it in quotes")),
        BadCase(1, "database: {a: b}", (1, "database", "expected a text, found a section")),
        BadCase(1, "database: \"a\\nb\"", (1, "database", "control character")),
        BadCase(4, "", (3, "providers.shiptor", "token is missing: token of the account; write it to a file")),
        BadCase(
            4, "    token: {file: token}\n    evry: 1 h",
            (5, "providers.shiptor.evry", "did you mean every? (known: url,")),
        BadCase(4, "    token: {file: token}\n    1: x", (5, "providers.shiptor.1", "unknown key (known: ")),
        BadCase(
            4, "    <<: {file: token}", (3, "providers.shiptor", "token is missing"),
            (4, "providers.shiptor.<<", "not merged")),
        BadCase(3, "  shiptr:", (3, "providers.shiptr", "did you mean shiptor? (known: otcommerce, litemf, shiptor)")),
        BadCase(
            4, "    token: {file: token}\n  cdek: {}", (5, "providers.cdek", "(known: otcommerce, litemf, shiptor)")),
        BadCase(7, "    type: sms", (7, "channels.chat.type", "\"sms\" is not one of telegram, mail, webhook, ")),
        BadCase(
            7, "    typ: journal",
            (6, "channels.chat", "type is missing (known: telegram, mail, webhook, alertmanager, exec, journal)")),
        BadCase(7, "    type: journal\n    url: https://a", (8, "channels.chat.url", "unknown key (known: type)")),
        BadCase(7, "    type: webhook", (6, "channels.chat", "url is missing: where messages are posted")),
        BadCase(13, "log_level: verbose", (13, "log_level", "\"verbose\" is not one of error, notice, info, debug")),
        BadCase(13, "http: 10 s", (13, "http", "expected a section with keys, found a single value")),
        BadCase(13, "http: [a]", (13, "http", "expected a section with keys, found a list")),
        BadCase(13, "http: {tmeout: 1 s}", (13, "http.tmeout", "did you mean timeout? (known: proxy, ")),
        BadCase(13, "http: {body_limit: 16}", (13, "http.body_limit", "16 has no unit: 16 KiB, 16 MiB?")),
        BadCase(13, "http: {body_limit: 2000 MiB}", (13, "http.body_limit", "too much")),
        BadCase(13, "calendars: {cn: [a]}", (13, "calendars.cn", "expected a text, found a list")),
        BadCase(
            13, "control_socket: /\(String(repeating: "s", count: 100))",
            (13, "control_socket", "longer than the 100 bytes")),
    ]

    @Test(arguments: sections)
    func `a wrong section is told with its line, its path and what would be right`(bad: BadCase) {
        expect(read(small(bad.line, bad.text)).problems, bad.problems)
    }

    static let recipients: [BadCase] = [
        BadCase(
            9, "  - nme: manager", (9, "recipients[0]", "name is missing"),
            (9, "recipients[0].nme", "did you mean name?")),
        BadCase(
            11, "    hours: 9-18", (11, "recipients[0].hours", "expected hours such as \"09:00-18:00\", found \"9-18\"")
        ),
        BadCase(11, "    hours: 09:00-18:60", (11, "recipients[0].hours", "expected hours")),
        BadCase(11, "    hours: 09:00-24:01", (11, "recipients[0].hours", "expected hours")),
        BadCase(11, "    hours: 09:00-18:00-19:00", (11, "recipients[0].hours", "expected hours")),
        BadCase(11, "    hours: -09:00", (11, "recipients[0].hours", "expected hours")),
        BadCase(11, "    hours: 22:00-06:00", (11, "recipients[0].hours", "ends before it begins")),
        BadCase(11, "    hours: 09:00-09:00", (11, "recipients[0].hours", "ends before it begins")),
        BadCase(
            12, "    channels: [caht]",
            (12, "recipients[0].channels[0]", "no channel \"caht\"; did you mean chat? (known: chat)")),
        BadCase(12, "    channels: [chat, chat]", (12, "recipients[0].channels[1]", "chat is named twice")),
        BadCase(12, "    channels: {chat: yes}", (12, "recipients[0].channels", "expected a list, found a section")),
        BadCase(
            12, "    channels: [chat]\n    calendar: de",
            (13, "recipients[0].calendar", "(known: cn, daily, plain, ru, six)")),
        BadCase(12, "    channels: [chat]\n    calendar: []", (13, "recipients[0].calendar", "at least one calendar")),
        BadCase(
            12, "    channels: [chat]\n    language: de", (13, "recipients[0].language", "\"de\" is not one of ru, en")),
        BadCase(
            12, "    channels: [chat]\n  - {name: manager, zone: UTC, hours: 0:00-24:00, channels: chat}",
            (13, "recipients[1]", "a recipient \"manager\" already")),
        // All of one recipient's problems, not the first alone.
        BadCase(
            12, "    chanels: [chat]\n    language: 7\n    hours2: x", (9, "recipients[0]", "channels is missing"),
            (12, "recipients[0].chanels", "did you mean channels?"),
            (13, "recipients[0].language", "\"7\" is not one of"),
            (14, "recipients[0].hours2", "did you mean hours?")),
    ]

    @Test(arguments: recipients)
    func `a wrong recipient is told with its line`(bad: BadCase) {
        expect(read(small(bad.line, bad.text)).problems, bad.problems)
    }

    static let choices: [BadCase] = [
        BadCase(
            12, "    channels: [chat]\n    minimum_level: high",
            (13, "recipients[0].minimum_level", "\"high\" is not one of warning, critical")),
        BadCase(
            12, "    channels: [chat]\n    only: [logist]",
            (13, "recipients[0].only", "expected a section with keys, found a list")),
        BadCase(
            12, "    channels: [chat]\n    only: {contact: logist}",
            (13, "recipients[0].only.contact", "did you mean contacts? (known: contacts, stages, providers, kinds)")),
        BadCase(
            12, "    channels: [chat]\n    except:\n      stages: [inbuond, pickup]",
            (14, "recipients[0].except.stages[0]", "no stage \"inbuond\"; did you mean inbound?")),
        BadCase(
            12, "    channels: [chat]\n    only: {providers: otcomerce}",
            (13, "recipients[0].only.providers", "did you mean otcommerce?")),
        BadCase(
            12, "    channels: [chat]\n    only: {kinds: []}",
            (13, "recipients[0].only.kinds", "at least one kind is needed (known: service, stall, ")),
        BadCase(
            12, "    channels: [chat]\n    immediate: [refund, loss]",
            (13, "recipients[0].immediate[1]", "no kind \"loss\"")),
        BadCase(
            12, "    channels: [chat]\n    immediate_outside_hours: perhaps",
            (13, "recipients[0].immediate_outside_hours", "perhaps")),
        BadCase(
            12, "    channels: [chat]\n    digest_times: [\"09:00\", \"18:00\"]",
            (13, "recipients[0].digest_times[1]", "\"18:00\" is outside the recipient's hours")),
        BadCase(
            12, "    channels: [chat]\n    digest_times: [\"9\", \"10:00\", \"10:00\"]",
            (13, "recipients[0].digest_times[0]", "expected a time such as \"09:00\""),
            (13, "recipients[0].digest_times[2]", "is given twice")),
        BadCase(
            12, "    channels: [chat]\n    digest_times: []", (13, "recipients[0].digest_times", "at least one time")),
        BadCase(
            12, "    channels: [chat]\n    weekly_summary: monday", (13, "recipients[0].weekly_summary", "monday")),
        BadCase(13, "heartbeat: {}", (13, "heartbeat", "url is missing")),
        BadCase(13, "heartbeat: {url: \"http://hc.example/1\"}", (13, "heartbeat.url", "write https://")),
        BadCase(
            13, "heartbeat: {uri: a}", (13, "heartbeat", "url is missing"), (13, "heartbeat.uri", "did you mean url?")),
    ]

    @Test(arguments: choices)
    func `a wrong choice of what to tell is told with its line`(bad: BadCase) {
        expect(read(small(bad.line, bad.text)).problems, bad.problems)
    }

    @Test func `what a recipient chooses arrives`() throws {
        let text = """
                channels: [chat]
                minimum_level: critical
                only: {contacts: [logist, carrier], stages: pickup, providers: [shiptor], kinds: [stall, lost]}
                except: {kinds: service}
                digest_times: ["14:00", "9:00"]
                immediate: [refund, customs_hold]
                immediate_outside_hours: true
                weekly_summary: false
            heartbeat: {url: "https://hc.example/ping/1"}
            """
        let (config, problems) = read(small(12, text))
        #expect(problems == [])
        let recipient = try #require(config.recipients.first)
        #expect(
            recipient.selection
                == Selection(
                    minimumLevel: .critical,
                    only: AlertFilter(
                        contacts: [.logist, .carrier], stages: [.pickup], providers: ["shiptor"],
                        kinds: KindSet(["stall", "lost"])),
                    except: AlertFilter(kinds: KindSet(["service"]))))
        #expect(recipient.digestTimes == [32_400, 50_400])
        #expect(recipient.immediate == KindSet(["refund", "customs_hold"]) && recipient.isImmediateAnytime)
        #expect(!recipient.wantsWeeklySummary)
        #expect(config.heartbeat == "https://hc.example/ping/1")
        #expect(config.addresses.contains("https://hc.example/ping/1"))
    }

    static let rules: [BadCase] = [
        BadCase(13, "stages: {handovr: {}}", (13, "stages.handovr", "did you mean handover? (known: payment, ")),
        BadCase(13, "stages: {handover: {warning: 3}}", (13, "stages.handover.warning", "unknown key (known: ")),
        BadCase(
            13, "stages:\n  handover:\n    warning_working_days: 5",
            (15, "stages.handover.warning_working_days", "critical (after 5, the standard one)")),
        BadCase(
            13, "stages:\n  handover:\n    critical_working_days: 4",
            (15, "stages.handover.critical_working_days", "(after 4, the standard one) has to come before")),
        BadCase(
            13, "stages: {pickup: {warning_working_days: 9, critical_working_days: 3}}",
            (13, "stages.pickup.warning_working_days", "(after 9) has to come before critical (after 3)")),
        BadCase(
            13, "stages: {pickup: {warning_working_days: 0}}",
            (13, "stages.pickup.warning_working_days", "0 is not between 1 and 364")),
        BadCase(
            13, "stages: {pickup: {critical_working_days: 366}}",
            (13, "stages.pickup.critical_working_days", "not between 1 and 365")),
        BadCase(
            13, "stages: {pickup: {warning_working_days: -1}}",
            (13, "stages.pickup.warning_working_days", "-1 is not between")),
        BadCase(
            13, "stages: {pickup: {warning_working_days: four}}",
            (13, "stages.pickup.warning_working_days", "expected a whole number, found \"four\"")),
        BadCase(
            13, "stages: {pickup: {calendars: [cn, xx]}}", (13, "stages.pickup.calendars[1]", "no calendar \"xx\"")),
        BadCase(
            13, "stages: {pickup: {combine: both}}", (13, "stages.pickup.combine", "\"both\" is not one of all, any")),
        BadCase(
            13, "stages: {pickup: {contacts: [boss]}}",
            (13, "stages.pickup.contacts[0]", "no role \"boss\" (known: logist, platform")),
        BadCase(
            13, "deciding_order: {items: [otcomerce]}", (13, "deciding_order.items[0]", "did you mean otcommerce?")),
        BadCase(
            13, "deciding_order: {items: [litemf, litemf]}", (13, "deciding_order.items[1]", "litemf is named twice")),
        BadCase(
            13, "deciding_order: {parcels: [litemf]}",
            (13, "deciding_order.parcels", "(known: items, handover, under_way)")),
        BadCase(
            13, "contacts: {logist: {name: a, url: b}}", (13, "contacts.logist", "expected a list, found a section")),
        BadCase(13, "contacts: {logist: [{name: a}]}", (13, "contacts.logist[0]", "url is missing")),
        BadCase(
            13, "contacts: {logist: [{name: a, url: telegram}]}",
            (13, "contacts.logist[0].url", "begins with https:// or http://")),
    ]

    @Test(arguments: rules)
    func `a wrong rule is told with its line`(bad: BadCase) {
        expect(read(small(bad.line, bad.text)).problems, bad.problems)
    }

    @Test func `all problems of a file come at once, by line`() {
        let text = """
            databse: x
            log_level: loud
            providers:
              shiptor:
                token: abc
                every: 5
              unknown: {}
            channels:
              chat: {type: telegraph}
            recipients:
              - name: manager
                zone: Europe/Moscow
                hours: late
                channels: [chat, chta]
            stages: {purchase: {warning_working_days: 010}}
            """
        let problems = read(text).problems
        #expect(problems.map(\.line) == [nil, 1, 2, 5, 6, 7, 9, 13, 14, 15])
    }

    @Test func `a problem prints its line, its path and its message`() {
        let problems = read(small(13, "log_level: loud")).problems
        #expect(
            problems.map(\.description) == ["line 13: log_level: \"loud\" is not one of error, notice, info, debug"])
    }
}

private let everything = """
    database: mirror.sqlite
    control_socket: run/c.sock
    zoneinfo: zones
    log_level: debug
    http: {proxy: "socks5h://[::1]:1080", ca_file: ca.pem, connect_timeout: 3s, timeout: 2 min, body_limit: 512 KiB}
    provider_down_after: 1 d
    remind_after_working_days: never
    calendars: {mine: mine.csv}
    providers:
      shiptor:
        token: &secret {file: token}
        every: 90 s
        archive: true
        requests_per_second: 0.5
      otcommerce:
        url: https://shop.example:8443/api/
        instance_key: *secret
        login: 0042
        password: {credential: shop-password}
        package_statuses: {"11": handover, 12: sent}
        frame: 500
    channels:
      log: {type: journal}
      chat: {type: telegram, token: *secret, chat: -1001907}
    stages:
      cross_border:
        calendars: [mine, six]
        combine: any
        zone: Asia/Almaty
        warning_working_days: 3
        critical_working_days: 9
        contacts: manager
      purchase:
    deciding_order: {items: litemf}
    contacts: {manager: [{name: Olga, url: "mailto:olga@shop.example"}]}
    recipients:
      - {name: night, language: en, zone: UTC, hours: "00:00-24:00", calendar: daily, channels: chat}
      - {name: minute, zone: UTC, hours: "9:30 - 9:31", calendar: [cn, ru], channels: [chat, log]}
    """
