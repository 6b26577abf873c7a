// A small configuration without problems, the schemas that it needs, and where the repository is.

import Foundation
@testable import ParcelConfig
import ParcelChannels
import ParcelCore
import ParcelProviders

/// Every kind of setting occurs in them.
let providerSchemas = [
    SettingSchema(
        "otcommerce",
        [
            SettingKey("url", .url, "address"), SettingKey("instance_key", .secret, required: true, "key of the shop"),
            SettingKey("secret", .secret, "signs"), SettingKey("login", .text, required: true, "an operator"),
            SettingKey("password", .secret, required: true, "the operator's password"),
            SettingKey("language", .text, "two letters"), SettingKey("zone", .zone, "zone of the times"),
            SettingKey("delivery_system", .choice(["litemf", "shiptor"]), "whose ids"),
            SettingKey("package_statuses", .map(["handover", "sent", "delivered", "cancelled"]), "codes"),
            SettingKey("every", .duration, "how often"), SettingKey("details_every", .duration, "how often"),
            SettingKey("frame", .integer(1...1000), "rows a page"),
        ] + SettingSchema.mannersKeys),
    SettingSchema(
        "litemf",
        [
            SettingKey("url", .url, "address"), SettingKey("api_key", .secret, required: true, "key of the account"),
            SettingKey("every", .duration, "how often"),
        ] + SettingSchema.mannersKeys),
    SettingSchema(
        "shiptor",
        [
            SettingKey("url", .url, "address"), SettingKey("token", .secret, required: true, "token of the account"),
            SettingKey("zone", .zone, "zone of the times"), SettingKey("every", .duration, "how often"),
            SettingKey("details_every", .duration, "how often"), SettingKey("archive", .boolean, "also old ones"),
        ] + SettingSchema.mannersKeys),
]

/// What the shipped file documents.
let shippedSchemas = providerKinds.map(\.schema)

let channelSchemas = channelKinds.map(\.schema)

func read(_ bytes: [UInt8], _ providers: [SettingSchema] = providerSchemas) -> (config: Config, problems: [Problem]) {
    read([ConfigFile(nil, bytes)], providers)
}

func read(_ files: [ConfigFile], _ providers: [SettingSchema] = providerSchemas) -> (
    config: Config, problems: [Problem]
) {
    readConfig(files, providers: providers, channels: channelSchemas, calendars: ["cn", "ru", "plain", "six", "daily"])
}

func read(_ text: String) -> (config: Config, problems: [Problem]) { read(Array(text.utf8)) }

/// Nothing but what is required; tables replace one of its lines.
let small = [
    "database: mirror.sqlite",  // 1
    "providers:",
    "  shiptor:",
    "    token: {file: token}",  // 4
    "channels:",
    "  chat:",
    "    type: journal",  // 7
    "recipients:",
    "  - name: manager",
    "    zone: Europe/Moscow",  // 10
    "    hours: \"09:00-18:00\"",
    "    channels: [chat]",  // 12
]

/// The small configuration with one line replaced by others, or with lines after its end (line 13).
func small(_ line: Int, _ replacement: String) -> String {
    var lines = small
    if lines.indices.contains(line - 1) { lines[line - 1] = replacement } else { lines.append(replacement) }
    return lines.joined(separator: "\n") + "\n"
}

let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func shipped(_ path: String) throws -> String {
    try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
}

/// One file alone.
func readConfig(
    _ bytes: [UInt8], providers: [SettingSchema], channels: [SettingSchema], calendars: [String]
) -> (config: Config, problems: [Problem]) {
    readConfig([ConfigFile(nil, bytes)], providers: providers, channels: channels, calendars: calendars)
}
