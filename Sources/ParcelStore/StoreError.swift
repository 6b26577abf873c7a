// Why the mirror cannot be used, and what a person does about it. Every error of SQLite and of GRDB becomes one of these.

import GRDB

/// `busy`, `full` and `io` may pass; the others need a person.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    case busy
    case full
    case closed
    case io(String)
    case missing(String)
    case unwritable(String)
    case foreign(String)
    case newer(String, found: String, known: String)
    case locked(String, process: Int32?)
    case damaged(String, reason: String)
    case exists(String)
    case noRoom(String, needed: Int, free: Int)

    package var description: String {
        switch self {
        case .busy: "the database is locked by another program; end that program or wait for it"
        case .full: "no space is left for the database; free some on its disk"
        case .closed: "the database is closed, because parceld stops; ask again when it runs"
        case .io(let reason): "the database cannot be read or written: \(reason); check its disk"
        case .missing(let path):
            "there is no database of parceld at \(path) yet; start parceld first, or name another with --database"
        case .unwritable(let path):
            "\(path) cannot be opened or written; check that its folder exists, its owner and its permissions"
        case .foreign(let path): "\(path) is not a database of parceld; name another file"
        case .newer(let path, let found, let known):
            "\(path) was written by a newer parceld (its schema is \"\(found)\", this version knows \"\(known)\"); "
                + "install that version or restore a backup"
        case .locked(let path, let process):
            "another parceld already uses \(path)" + (process.map { " (process \($0))" } ?? "") + "; stop it first"
        case .damaged(let path, let reason): "\(path) cannot be used as it is: \(reason); restore a backup"
        case .exists(let path): "\(path) is there already and was left as it is; name another file"
        case .noRoom(let path, let needed, let free):
            "a copy of \(path) needs \(needed >> 20) MiB and \(free >> 20) MiB are free; nothing was changed, free some room"
        }
    }

    /// Whether waiting and trying again may help.
    package var mayPass: Bool {
        switch self {
        case .busy, .full, .io: true
        case .closed, .missing, .unwritable, .foreign, .newer, .locked, .damaged, .exists, .noRoom: false
        }
    }
}

extension StoreError {
    init(_ error: any Error, path: String) {
        if let known = error as? StoreError {
            self = known
            return
        }
        guard let sqlite = error as? DatabaseError else {
            // A row that cannot be read: trying again would read the same.
            self = .damaged(path, reason: "\(error)")
            return
        }
        let message = sqlite.message ?? "SQLite error \(sqlite.extendedResultCode.rawValue)"
        switch sqlite.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_FULL: self = .full
        case .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_PROTOCOL, .SQLITE_INTERRUPT: self = .io(message)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .unwritable(path)
        case .SQLITE_NOTADB: self = .foreign(path)
        // A broken constraint too: what was decided does not fit what is stored, and never will.
        default: self = .damaged(path, reason: message)
        }
    }
}
