// Reading the configuration anew while the service runs: what is to be run next, or every reason why the present one stays.

import Dispatch
package import ParcelConfig
import ParcelCore

extension Loaded {
    /// The same file as it is by now.
    ///
    /// - Parameter isSimulated: Every address has to be on this machine then.
    func again(isSimulated: Bool) async throws(LoadFailure) -> Loaded {
        let path = path
        // Files of another machine may let one wait.
        let read: Result<Loaded, LoadFailure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(LoadFailure) in try load(path) })
            }
        }
        let fresh = try read.get()
        var problems = needsRestart(fresh) + TemplateFolder(fresh.config.templates).listed()
        if isSimulated, let problem = fresh.simulationProblem { problems.append(problem) }
        guard problems.isEmpty else { throw LoadFailure(problems: problems) }
        return fresh
    }

    /// What is held as long as the service runs.
    private func needsRestart(_ fresh: Loaded) -> [Problem] {
        let held = [
            ("database", config.database, fresh.config.database),
            ("control_socket", config.controlSocket, fresh.config.controlSocket),
        ]
        return held.filter { $0.1 != $0.2 }.map { key, running, wanted in
            Problem(
                line: nil, path: key,
                message: "cannot change while parceld runs (\(running) to \(wanted)); restart it for that")
        }
    }

    /// What keeps it from being run in simulated time; that is no time for others' machines.
    package var simulationProblem: Problem? {
        if let outside = config.addresses.first(where: { !isLoopback($0) }) {
            let shown = outside == config.heartbeat ? "that of the heartbeat" : outside
            return Problem(
                line: nil, path: "",
                message: "with a simulated clock every address has to be on this machine; \(shown) is not")
        }
        let isComplete =
            config.providers.allSatisfy { $0.settings.text("url") != nil }
            && config.channels.allSatisfy { ["journal", "exec"].contains($0.kind) || $0.settings.text("url") != nil }
        guard !isComplete else { return nil }
        return Problem(
            line: nil, path: "",
            message: "with a simulated clock every provider and channel needs its url, on this machine")
    }
}
