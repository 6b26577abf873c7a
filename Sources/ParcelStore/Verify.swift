// Looks whether a database keeps what parceld promises of it: SQLite's own rules, and ours. Reads only. Which promises
// there are is in Promises.swift; what is done about a broken one is told by parcelctl.

import Foundation
import GRDB

/// One place where a promise is broken.
package struct Breach: Sendable, Hashable {
    package var reason: Reason
    /// `alerts 12`; empty where it is the file's matter.
    package var place: String
    /// SQLite's words, or those of the file: outside text.
    package var detail: String

    /// One line, in English.
    package var text: String {
        [reason.rawValue.replacingOccurrences(of: "_", with: " "), place, detail].filter { !$0.isEmpty }
            .joined(separator: ": ")
    }
}

package struct Finding: Sendable {
    package var promise: Promise
    /// How much was looked at; nil where it was not looked at, because what comes before it is broken.
    package var checked: Int?
    /// The first of them.
    package var breaches: [Breach] = []
    package var count = 0
}

/// How much a database holds.
package struct Contents: Sendable, Hashable {
    package var things: Int
    package var events: Int
    package var alerts: Int
    package var openAlerts: Int
}

package struct Verdict: Sendable {
    package var findings: [Finding]
    /// Nil where it cannot be read.
    package var contents: Contents?
    /// The number of the last step that made its schema, and that of this version.
    package var schema: (found: Int, known: Int)
    package var bytes: Int

    package var isSound: Bool { findings.allSatisfy { $0.count == 0 } }
    /// What makes the file unfit for use; a broken promise of ours alone does not.
    package var damage: Breach? {
        findings.filter(\.promise.isAboutFile).flatMap(\.breaches).first
    }
}

private let shownBreaches = 10

/// - Throws: Where it is not a database of parceld, a newer one, or not there. One that is damaged is a finding.
package func verify(file path: String, progress: (Double) -> Void = { _ in }) throws(StoreError) -> Verdict {
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let bytes = fileSize(resolved)
    do {
        guard bytes > 0 else { throw StoreError.missing(path) }
        let queue = try DatabaseQueue(path: resolved, configuration: Store.configuration(.reader))
        defer { try? queue.close() }
        return try queue.read { db in
            guard try Store.check(db, path) == .ours else { throw StoreError.foreign(path) }
            return try verdict(db, bytes, progress)
        }
    } catch {
        let reason = StoreError(error, path: path)
        guard case .damaged(_, let words) = reason else { throw reason }
        var findings = Promise.allCases.map { Finding(promise: $0) }
        findings[0] = Finding(
            promise: .integrity, checked: 1, breaches: [Breach(reason: .damaged, place: "", detail: words)], count: 1)
        return Verdict(findings: findings, contents: nil, schema: (0, migrator().migrations.count), bytes: bytes)
    }
}

private func verdict(_ db: Database, _ bytes: Int, _ progress: (Double) -> Void) throws -> Verdict {
    let (applied, known) = (try migrator().appliedMigrations(db).count, migrator().migrations.count)
    var findings: [Finding] = []
    var isReadable = true
    for (index, promise) in Promise.allCases.enumerated() {
        progress(Double(index) / Double(Promise.allCases.count))
        guard isReadable else {
            findings.append(Finding(promise: promise))
            continue
        }
        let finding = try finding(promise, db)
        // What SQLite cannot read right, and tables that are not ours, answer no further questions.
        if promise.isAboutFile, promise != .references, finding.count > 0 { isReadable = false }
        findings.append(finding)
    }
    return Verdict(
        findings: findings, contents: isReadable ? try contents(db) : nil, schema: (applied, known), bytes: bytes)
}

private func finding(_ promise: Promise, _ db: Database) throws -> Finding {
    var finding = Finding(promise: promise, checked: try promise.checked(db))
    for rule in try promise.rules(db) {
        let rows = try Row.fetchCursor(db, sql: rule.sql)
        while let row = try rows.next() {
            finding.count += 1
            guard finding.breaches.count < shownBreaches else { continue }
            let key = text(row[0])
            finding.breaches.append(
                Breach(
                    reason: rule.reason, place: rule.table.isEmpty ? "" : rule.table + " " + key,
                    detail: rule.table.isEmpty ? key : row.count > 1 ? text(row[1]) : ""))
        }
    }
    return finding
}

private func text(_ value: DatabaseValue) -> String {
    switch value.storage {
    case .int64(let number): "\(number)"
    case .string(let text): text
    case .null, .double, .blob: ""
    }
}

private func contents(_ db: Database) throws -> Contents {
    func count(_ rest: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM " + rest) ?? 0 }
    return Contents(
        things: try count("things WHERE merged_into IS NULL"), events: try count("events"),
        alerts: try count("alerts"), openAlerts: try count("alerts WHERE closed_at IS NULL"))
}
