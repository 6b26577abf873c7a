// The other way out: a program of the user's that is given one part of a message. It is started without a shell, in a process
// group of its own, with hardly anything of our environment and none of our files, on a thread of its own; when its time is
// over the whole group is ended.

import Glibc
package import ParcelCore

/// Runs it and waits for its end. Cancelling the task ends the program as its time limit does.
package func run(_ call: ProgramCall) async -> ProgramEnd {
    let isCancelled = Locked(false)
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            let work = ProgramWork(call) {
                isCancelled.withLock { $0 }
            } tell: {
                continuation.resume(returning: $0)
            }
            work.start()
        }
    } onCancel: {
        isCancelled.withLock { $0 = true }
    }
}

private final class ProgramWork: Sendable {
    private let call: ProgramCall
    private let isCancelled: @Sendable () -> Bool
    private let tell: @Sendable (ProgramEnd) -> Void

    init(
        _ call: ProgramCall, isCancelled: @escaping @Sendable () -> Bool, tell: @escaping @Sendable (ProgramEnd) -> Void
    ) {
        self.call = call
        self.isCancelled = isCancelled
        self.tell = tell
    }

    func start() {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, runProgramThread, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            return tell(.notStarted(reason: errorText(code), isForGood: false))
        }
        pthread_detach(thread)
    }

    fileprivate func runOnThread() {
        var program: RunningProgram
        do throws(StartFailure) { program = try RunningProgram(call) } catch {
            // What no later try would change: there is no such file, or it is no program, or not for us.
            let isForGood = [ENOENT, EACCES, ENOEXEC, ENOTDIR, EISDIR].contains(error.code)
            return tell(.notStarted(reason: errorText(error.code), isForGood: isForGood))
        }
        let limit = min(max(call.timeLimit, .milliseconds(1)), .days(1))
        tell(program.finish(deadline: monotonicNow() + limit.milliseconds * 1_000_000, isCancelled))
    }
}

private func runProgramThread(_ given: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let given else { return nil }
    // A program that does not read its input must not end ours.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Unmanaged<ProgramWork>.fromOpaque(given).takeRetainedValue().runOnThread()
    return nil
}

/// One start at a time: between the making of a pipe and its closing in others no other program may begin and keep it.
private let starting = Locked(())

private struct StartFailure: Error { let code: Int32 }

private func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// A started program and our ends of its pipes.
private struct RunningProgram {
    private static let errorsKept = 4096

    private let pid: pid_t
    private var input: Int32
    private var errors: Int32
    private var unsent: ArraySlice<UInt8>
    private var said: [UInt8] = []

    init(_ call: ProgramCall) throws(StartFailure) {
        let start = starting.withLock { _ in RunningProgram.start(call) }
        (pid, input, errors) = try start.get()
        unsent = call.input[...]
        for descriptor in [input, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
    }

    private static func start(_ call: ProgramCall) -> Result<(pid_t, Int32, Int32), StartFailure> {
        var (inputEnds, errorEnds): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&inputEnds) == 0 else { return .failure(StartFailure(code: errno)) }
        guard pipe(&errorEnds) == 0 else {
            let code = errno
            inputEnds.forEach { _ = close($0) }
            return .failure(StartFailure(code: code))
        }
        for descriptor in inputEnds + errorEnds { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var pid = pid_t()
        let code = spawn(call, input: inputEnds[0], errors: errorEnds[1], &pid)
        close(inputEnds[0])
        close(errorEnds[1])
        if code == 0 { return .success((pid, inputEnds[1], errorEnds[0])) }
        close(inputEnds[1])
        close(errorEnds[0])
        return .failure(StartFailure(code: code))
    }

    /// Feeds it, hears it and waits until it or its time ends.
    mutating func finish(deadline: Int64, _ isCancelled: () -> Bool) -> ProgramEnd {
        var status: Int32 = 0
        var isLate = false
        while true {
            feed()
            hear()
            if waitpid(pid, &status, WNOHANG) != 0 { break }
            if monotonicNow() >= deadline || isCancelled() {
                isLate = true
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                break
            }
            pause(until: deadline)
        }
        hear()
        closeInput()
        close(errors)
        let line = said.split(whereSeparator: { $0 == 10 || $0 == 13 }).first ?? []
        let words = String(decoding: line, as: UTF8.self)
        if isLate { return .timedOut(errors: words) }
        let signal = status & 0x7F
        return signal == 0
            ? .exited(status: (status >> 8) & 0xFF, errors: words) : .killed(signal: signal, errors: words)
    }

    /// Until something can be read or written; at most 20 ms, because the end itself wakes nobody.
    private func pause(until deadline: Int64) {
        var waits = [pollfd(fd: errors, events: Int16(POLLIN), revents: 0)]
        if input >= 0 { waits.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
        let left = max(1, min(20, (deadline - monotonicNow()) / 1_000_000))
        guard poll(&waits, nfds_t(waits.count), Int32(left)) > 0 else { return }
        // All of its errors are read, and it still runs: poll(2) would say so for ever.
        if waits.allSatisfy({ $0.revents == 0 || $0.revents & Int16(POLLIN | POLLOUT) == 0 }) { usleep(5000) }
    }

    private mutating func feed() {
        while input >= 0, !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { write(input, $0.baseAddress, min($0.count, 65_536)) }
            if count > 0 {
                unsent = unsent.dropFirst(count)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                // It reads no more; its exit status says what that means.
                return closeInput()
            }
        }
        closeInput()
    }

    private mutating func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    private mutating func hear() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(errors, &buffer, buffer.count)
            guard count > 0 else { return }
            let room = max(0, RunningProgram.errorsKept - said.count)
            said += buffer[..<min(count, room)]
        }
    }
}

/// - Returns: 0 or the error's number.
private func spawn(_ call: ProgramCall, input: Int32, errors: Int32, _ pid: inout pid_t) -> Int32 {
    guard let path = call.arguments.first else { return ENOENT }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    // Ours are closed on exec, but for what a library may have forgotten. Closing what is not open is no error here.
    for descriptor in Int32(3)..<Int32(clamping: max(4, min(sysconf(Int32(_SC_OPEN_MAX)), 4096))) {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let own = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
    let environment = own.merging(call.environment) { $1 }.map { "\($0.key)=\($0.value)" }.sorted()
    return withCStrings(call.arguments) { arguments in
        withCStrings(environment) { posix_spawn(&pid, path, &actions, &attributes, arguments, $0) }
    }
}

private func withCStrings(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32) -> Int32 {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
}
