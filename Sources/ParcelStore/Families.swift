// Reading what is decided together: from any of a family's things to all of them.

import GRDB
package import ParcelCore

extension Store {
    package func family(of things: some Sequence<ThingID> & Sendable) throws(StoreError) -> Family {
        let ids = Set(things)
        return try reading { db in try Family(db, closure(db, ids)) }
    }
}

/// A number on more things than this is no number but a seller's placeholder; it joins nobody.
private let mostCarriers = 60

/// Everything that an order, its items, their parcels and the numbers of all of them lead to, from these things on.
func closure(_ db: Database, _ ids: Set<ThingID>) throws -> Set<ThingID> {
    guard !ids.isEmpty else { return [] }
    let statement = try db.cachedStatement(
        sql: """
            WITH RECURSIVE family(id) AS (
                SELECT value FROM json_each(?)
                UNION SELECT t.order_id FROM family f JOIN things t ON t.id = f.id WHERE t.order_id IS NOT NULL
                UNION SELECT t.id FROM family f JOIN things t ON t.order_id = f.id
                UNION SELECT v.thing_id FROM family f JOIN view_contents c ON c.item_id = f.id
                        JOIN views v ON v.id = c.view_id
                UNION SELECT c.item_id FROM family f JOIN views v ON v.thing_id = f.id
                        JOIN view_contents c ON c.view_id = v.id
                UNION SELECT n.thing_id FROM family f JOIN views v ON v.thing_id = f.id
                        JOIN view_numbers n ON n.view_id = v.id
                UNION SELECT v.thing_id FROM family f JOIN view_numbers n ON n.thing_id = f.id
                        JOIN views v ON v.id = n.view_id
                       WHERE (SELECT count(*) FROM (SELECT 1 FROM view_numbers m WHERE m.thing_id = f.id
                                                    LIMIT \(mostCarriers + 1))) <= \(mostCarriers)
                -- Earlier generations of a number: LP1#1, LP1#2. The index is named, because the planner would rather sort
                -- all numbers by kind for each family.
                UNION SELECT o.id FROM family f JOIN things n ON n.id = f.id AND n.kind = 'track_number'
                        JOIN things o INDEXED BY things_by_label ON o.label > n.label || '#' AND o.label < n.label || '$'
                                     AND o.kind = 'track_number'
                UNION SELECT o.id FROM family f
                        JOIN things n ON n.id = f.id AND n.kind = 'track_number' AND instr(n.label, '#') > 0
                        JOIN things o INDEXED BY things_by_label ON o.kind = 'track_number'
                                     AND o.label = substr(n.label, 1, instr(n.label, '#') - 1))
            SELECT id FROM family
            """)
    return try Set(Int64.fetchAll(statement, arguments: [jsonList(ids)]))
}

extension Family {
    init(_ db: Database, _ ids: Set<ThingID>) throws {
        self.init()
        guard !ids.isEmpty else { return }
        let list: StatementArguments = [jsonList(ids)]
        var position: [ThingID: Int] = [:]
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(Columns.thing) FROM things WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
                    """), arguments: list)
        while let row = try rows.next() {
            let thing = try Thing(row: row)
            position[thing.id] = things.count
            things.append(thing)
        }
        try readViews(db, list, position)
        let events = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT \(Columns.event) FROM events WHERE thing_id IN (SELECT value FROM json_each(?)) ORDER BY id
                    """), arguments: list)
        while let row = try events.next() {
            if let index = position[row[1]] { things[index].events.append(try Event(row: row)) }
        }
    }

    private mutating func readViews(_ db: Database, _ list: StatementArguments, _ position: [ThingID: Int]) throws {
        var place: [Int64: (thing: Int, view: Int)] = [:]
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: "SELECT \(Columns.view) FROM views WHERE thing_id IN (SELECT value FROM json_each(?)) ORDER BY id"),
            arguments: list)
        while let row = try rows.next() {
            guard let index = position[row[1]] else { continue }
            place[row[0]] = (index, things[index].views.count)
            things[index].views.append(try View(row: row))
        }
        let views: StatementArguments = [jsonList(place.keys)]
        let numbers = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT n.view_id, n.role, t.label FROM view_numbers n JOIN things t ON t.id = n.thing_id
                     WHERE n.view_id IN (SELECT value FROM json_each(?)) ORDER BY n.view_id, n.position
                    """), arguments: views)
        while let row = try numbers.next() {
            let label: String = row[2]
            guard let at = place[row[0]], let number = TrackNumber(String(label.prefix { $0 != "#" })) else { continue }
            things[at.thing].views[at.view].numbers.append(RoledNumber(try row.known(1), number))
            if let mark = Int(label.drop { $0 != "#" }.dropFirst()) {
                things[at.thing].views[at.view].generations[number] = mark
            }
        }
        let contents = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT view_id, item_id FROM view_contents
                     WHERE view_id IN (SELECT value FROM json_each(?)) ORDER BY view_id, position
                    """), arguments: views)
        while let row = try contents.next() {
            guard let at = place[row[0]] else { continue }
            things[at.thing].views[at.view].contents.append(row[1])
        }
    }
}
