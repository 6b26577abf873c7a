// Providers and channels: sections whose keys their own schemas declare, in whatever depth, and whose owners say what
// else is wrong with them.

import ParcelCore
import Yams

extension ConfigReader {
    func readProviders(_ place: Place) -> [Section] {
        let builtin = providers.filter { !$0.isNamed }.map(\.name)
        let types = providers.filter(\.isNamed).map(\.name)
        if let count = count(of: place), count == 0 {
            reading.report(place, "at least one provider is needed (known: \(builtin.joined(separator: ", ")))")
        }
        let sections = reading.members(place)
        let isTyped = { (name: String) in !builtin.contains(name) && self.hasType(sections[name]) }
        for (name, section) in sections where !builtin.contains(name) && !isTyped(name) {
            let advice = types.isEmpty ? "" : "; a name of yours needs a type (\(types.joined(separator: ", ")))"
            reading.report(section, reading.unknown(name, "key", builtin) + advice)
        }
        namedProviders = sections.keys.filter(isTyped).sorted()
        // In the list's order, so that every start and every simulated run polls in the same one; then the file's.
        return providers.filter { !$0.isNamed }.compactMap { schema in
            sections[schema.name].map { section(schema.name, schema, $0) }
        } + typed(sections.filter { isTyped($0.key) }, providers.filter(\.isNamed))
    }

    private func hasType(_ place: Place?) -> Bool {
        place.map { reading.keys(of: $0).contains("type") } ?? false
    }

    func readChannels(_ place: Place) -> [Section] {
        let known = channels.map(\.name).joined(separator: ", ")
        if let count = count(of: place), count == 0 {
            reading.report(place, "at least one channel is needed: a name of yours with a type (known: \(known))")
        }
        let sections = reading.members(place)
        channelNames = sections.keys.sorted()
        return typed(sections, channels)
    }

    /// Sections with names of the user's, each of the kind that its `type` says, in the file's order.
    private func typed(_ sections: [String: Place], _ schemas: [SettingSchema]) -> [Section] {
        let known = schemas.map(\.name)
        return inOrder(sections).compactMap { name, place in
            let members = reading.members(place)
            guard place.node.isMapping || place.node.isNothing else { return nil }
            guard let type = members["type"] else {
                reading.report(place, "type is missing (known: \(known.joined(separator: ", ")))")
                return nil
            }
            guard let kind = reading.choice(type, known), let schema = schemas.first(where: { $0.name == kind }) else {
                return nil
            }
            if schema.isNamed, !isProviderName(name) {
                reading.report(
                    place,
                    "a provider's name is of small letters, digits, - and _, begins with a letter or digit and has at most 40"
                )
            }
            return section(name, schema, place, extra: ["type"])
        }
    }

    /// As they stand: those of the main file first.
    private func inOrder(_ sections: [String: Place]) -> [(name: String, place: Place)] {
        let places = sections.map { (name: $0.key, place: $0.value) }
        func key(_ section: (name: String, place: Place)) -> (Int, Int, String) {
            (
                section.place.file.flatMap { config.files.firstIndex(of: $0) }.map { $0 + 1 } ?? 0,
                section.place.line ?? 0, section.name
            )
        }
        return places.sorted { key($0) < key($1) }
    }

    /// It stands in logs, commands and other sections.
    private func isProviderName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "_")
        }
        return isPlain && (1...40).contains(name.utf8.count) && !name.hasPrefix("-") && !name.hasPrefix("_")
    }

    /// Nil where it is no section at all, which is reported elsewhere.
    private func count(of place: Place) -> Int? {
        place.node.isMapping || place.node.isNothing ? reading.keys(of: place).count : nil
    }

    private func section(_ name: String, _ schema: SettingSchema, _ place: Place, extra: [String] = []) -> Section {
        var found = Found(
            section: Section(name: name, kind: schema.name, settings: SettingValues(), secrets: [:], line: place.line),
            places: ["": place])
        read(schema.keys, place, within: "", extra: extra, into: &found)
        judge(schema, found)
        return found.section
    }

    private struct Found {
        var section: Section
        /// What was given, by `key.key`; an entry of a map as `key` NUL `entry`.
        var places: [String: Place]
        /// Those whose form is wrong too, so that what names them is not wrong as well.
        var secretNames: [String] = []
    }

    private func read(
        _ keys: [SettingKey], _ place: Place, within prefix: String, extra: [String] = [], into found: inout Found
    ) {
        let members = reading.members(place, known: extra + keys.map(\.name))
        let isReadable = place.node.isMapping || place.node.isNothing
        for key in keys {
            guard let member = members[key.name] else {
                if key.isRequired, isReadable {
                    let form = key.kind == .secret ? "; write it to a file and give {file: PATH}" : ""
                    reading.report(place, "\(key.name) is missing: \(key.summary)\(form)")
                }
                continue
            }
            let name = prefix + key.name
            found.places[name] = member
            switch key.kind {
            case .section(let keys): read(keys, member, within: name + ".", into: &found)
            case .secret: found.section.secrets[name] = secret(member)
            case .secrets:
                for (entry, place) in reading.members(member) {
                    found.section.secrets["\(name).\(entry)"] = secret(place)
                    found.secretNames.append("\(name).\(entry)")
                }
            case .texts:
                let entries = reading.members(member)
                for (entry, place) in entries { found.places["\(name)\0\(entry)"] = place }
                found.section.settings.values[name] = .map(entries.compactMapValues(reading.word))
            default: found.section.settings.values[name] = value(key, member)
            }
        }
    }

    /// What the owner says is wrong, where the form is not wrong already.
    private func judge(_ schema: SettingSchema, _ found: Found) {
        var settings = found.section.settings
        for name in found.secretNames { settings.values[name] = .secret(Secret("")) }
        let known = reading.problems
        for problem in schema.check(settings) {
            let entry = problem.entry.flatMap { found.places["\(problem.key)\0\($0)"] }
            guard let whole = found.places[""], let place = entry ?? nearest(problem.key, in: found.places) else {
                continue
            }
            let path = entry?.path ?? "\(whole.path).\(problem.key)"
            let isTold = known.contains { told in
                told.path == path || told.path.hasPrefix(path + ".")
                    || (told.path != whole.path && path.hasPrefix(told.path + "."))
            }
            if !isTold { reading.report(place, problem.message) }
        }
    }

    private func nearest(_ key: String, in places: [String: Place]) -> Place? {
        var key = key[...]
        while places[String(key)] == nil, !key.isEmpty { key = key[..<(key.lastIndex(of: ".") ?? key.startIndex)] }
        return places[String(key)]
    }

    private func value(_ key: SettingKey, _ place: Place) -> SettingValue? {
        switch key.kind {
        case .text: reading.word(place).map { .text($0) }
        case .url: reading.url(place).map { .text($0) }
        case .mailServer: reading.mailServer(place).map { .text($0) }
        case .duration: reading.duration(place).map { .duration($0) }
        case .integer(let range): reading.integer(place, range).map { .integer($0) }
        case .number(let range): reading.number(place, range).map { .number($0) }
        case .boolean: reading.boolean(place).map { .boolean($0) }
        case .choice(let allowed): reading.choice(place, allowed).map { .text($0) }
        case .zone: zone(place).map { .text($0) }
        case .map(let allowed): .map(reading.members(place).compactMapValues { reading.choice($0, allowed) })
        case .longText: reading.longText(place).map { .text($0) }
        case .pointer: reading.pointer(place).map { .text($0) }
        case .names(let allowed):
            .names(
                reading.names(place, key.name.hasSuffix("s") ? String(key.name.dropLast()) : key.name, known: allowed))
        case .words: .names(reading.words(place))
        // Read with all that is in them.
        case .secret, .secrets, .texts, .section: nil
        }
    }

    /// What is written in the file itself is not repeated in any message, not even as a key.
    private func secret(_ place: Place) -> SecretSource? {
        let forms = "{file: PATH} or {credential: NAME}"
        guard case .mapping(let mapping) = place.node else {
            let inline = "a secret does not belong in this file: write it to a file of its own and give"
            reading.report(place, place.node.isNothing ? "has no value; give \(forms)" : "\(inline) \(forms)")
            return nil
        }
        guard mapping.count == 1, let (key, node) = mapping.first, case .scalar(let scalar) = key,
            ["file", "credential"].contains(scalar.string)
        else {
            reading.report(place, "expected \(forms), and nothing else")
            return nil
        }
        let member = Place(
            node: node, path: "\(place.path).\(scalar.string)", line: key.mark?.line ?? place.line, file: place.file)
        guard let name = reading.word(member) else { return nil }
        if scalar.string == "file" { return SecretSource(kind: .file(name), line: member.line, path: place.path) }
        guard !name.contains("/"), !name.hasPrefix(".") else {
            reading.report(member, "a credential has a plain name, without a path")
            return nil
        }
        return SecretSource(kind: .credential(name), line: member.line, path: place.path)
    }
}
