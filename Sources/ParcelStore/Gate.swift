// Keeps everybody out of SQLite's connections once they are closed: using one then is a crash, and others may still hold the
// store.

import Glibc

/// `@unchecked`: what it knows is only changed by whoever holds the lock alone.
final class Gate: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)
    private var isClosed = false

    init() {
        lock.initialize(to: pthread_rwlock_t())
        var kind = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&kind)
        // Whoever closes does not wait for those who come after.
        pthread_rwlockattr_setkind_np(&kind, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        pthread_rwlock_init(lock, &kind)
        pthread_rwlockattr_destroy(&kind)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    func passing<Value>(_ body: () throws -> Value) throws -> Value {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        guard !isClosed else { throw StoreError.closed }
        return try body()
    }

    /// Once nobody is inside; it stays open where the body fails.
    func close(_ body: () throws -> Void) throws {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        guard !isClosed else { throw StoreError.closed }
        try body()
        isClosed = true
    }
}
