// What people do about alerts, on the command line: by the daemon where one runs, else in the database under its lock.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelStore

/// What the five commands share.
struct DeedOptions: ParsableArguments {
    @Argument(help: "A thing, such as 1907-2, with all its open alerts; or one alert by its number, such as '#12'.")
    var target: String

    @OptionGroup var common: CommonOptions
}

/// What came of a deed.
struct DeedAnswer: Decodable {
    struct Acted: Decodable {
        var alert: Int64
        var kind: AlertKind
        var thing: String
        var thingKind: ThingKind?
        var acknowledgedBy: String?
        /// ISO 8601.
        var snoozedUntil: String?
    }

    var changed: [Acted]
    var unchanged: [Acted]
}

extension DeedOptions {
    /// Does it and prints what came of it.
    func perform(_ deed: String, _ argument: String? = nil) throws {
        let mirror = try common.open()
        let bytes = try answer(deed, argument, mirror)
        let answer: DeedAnswer = try Daemon.read(bytes)
        if common.json {
            print(String(decoding: bytes.filter { $0 != 10 }, as: UTF8.self))
            return
        }
        let reader = mirror.reader
        for acted in answer.changed {
            print("\(subject(acted, reader)): " + done(deed, acted, reader))
        }
        for acted in answer.unchanged {
            print("\(subject(acted, reader)): " + reader.say("уже так", "it is so already"))
        }
    }

    private func answer(_ deed: String, _ argument: String?, _ mirror: Mirror) throws -> Data {
        let who = "cli:\(userName())"
        guard let socket = mirror.config?.controlSocket, mirror.isConfiguredDatabase else {
            return try actUnderLock(deed, argument, who, mirror, socket: nil)
        }
        let words = ["act", deed, oneLine(target), who] + (argument.map { [oneLine($0)] } ?? [])
        do throws(Daemon.Silence) { return try Daemon.send(words, to: socket) } catch {
            guard case .nobody = error else { throw Daemon.trouble(error, socket) }
            return try actUnderLock(deed, argument, who, mirror, socket: socket)
        }
    }

    private func actUnderLock(
        _ name: String, _ argument: String?, _ who: String, _ mirror: Mirror, socket: String?
    ) throws -> Data {
        let owner = try mirror.owner(afterAsking: socket)
        let (rules, now) = (try mirror.rules(), mirror.now)
        let deed: Deed
        do throws(DeedProblem) { deed = try Deed(name, argument.map(oneLine), rules, at: now) } catch {
            throw Trouble.usage("\(error)")
        }
        let alerts = try owner.alerts(meantBy: target)
        // Who does it with no daemon running tells the others.
        let result = try owner.act(deed, on: alerts, by: who, at: now) {
            DecidedChange(change: $0, rows: [], nextAt: nextReminder(of: $0.alert, rules))
        }
        try owner.close()
        return Data(result.json(of: alerts, target).text.utf8)
    }

    private func subject(_ acted: DeedAnswer.Acted, _ reader: Reader) -> String {
        var facts = AlertFacts()
        facts.thingKind = acted.thingKind
        facts.label = acted.thing
        let name = acted.thingKind == nil ? "" : reader.name(facts) + ", "
        return "#\(acted.alert) \(name)\(reader.word(acted.kind))"
    }

    private func done(_ deed: String, _ acted: DeedAnswer.Acted, _ reader: Reader) -> String {
        switch deed {
        case "ack": return reader.say("взято в работу, напоминаний не будет", "taken on; no more reminders")
        case "snooze":
            let end = acted.snoozedUntil.flatMap { try? ISO8601($0).instant }.map { reader.time($0) } ?? ""
            return reader.say("отложено до \(end)", "snoozed until \(end)")
        case "unsnooze": return reader.say("больше не отложено", "no longer snoozed")
        case "close": return reader.say("закрыто", "closed")
        default: return reader.say("записано", "written down")
        }
    }
}

/// The control socket takes words with tabs between, in one line.
private func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
}

/// Who asks, by the system's word.
private func userName() -> String {
    let name = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
    return name ?? "\(getuid())"
}
