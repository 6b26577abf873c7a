// The simulated providers, the sinks for messages and the control pages behind one HTTP server on loopback, and the
// clock beside it.

import Foundation

package final class Simulator: Sendable {
    package let world: World
    private let server: LoopbackServer
    private let clock: ClockServer

    package var clockAddress: String { "127.0.0.1:\(clock.port)" }
    package var addresses: [String: String] {
        let base = "http://127.0.0.1:\(server.port)"
        return [
            "http": base, "clock": clockAddress, "otcommerce": base + "/otcommerce/service-json",
            "litemf": base + "/litemf/v2/rpc", "shiptor": base + "/shiptor/shipping/v1",
            "telegram": base + "/telegram", "webhook": base + "/webhook", "17track": base + "/17track",
            "russianpost": base + "/russianpost/rtm34", "kuaidi100": base + "/kuaidi100", "cdek": base + "/cdek",
            "cainiao": base + "/cainiao", "generic": base + "/generic",
        ]
    }

    /// - Parameters:
    ///   - port: of the HTTP server; 0 for any that is free. So is `clockPort`.
    ///   - isRealTime: for a daemon that runs on the host's clock.
    package init(_ scenario: Scenario, port: UInt16 = 0, clockPort: UInt16 = 0, isRealTime: Bool = false) throws {
        let world = World(scenario, isRealTime: isRealTime)
        self.world = world
        let clock = try ClockServer(world, port: clockPort)
        self.clock = clock
        do { server = try LoopbackServer(port: port) { respond(to: $0, world) } } catch {
            clock.stop()
            throw error
        }
    }

    package func stop() {
        server.stop()
        clock.stop()
    }
}

private func respond(to request: SimRequest, _ world: World) -> SimReply {
    pause(world.scenario.latency)
    let parts = request.path.split(separator: "/").map(String.init)
    let player = FaultPlayer(world: world)
    switch parts.first {
    case "otcommerce" where parts.count == 3 && parts[1] == "service-json":
        pause(world.scenario.otcommerce.pace.latency)
        let fields = request.method == "GET" ? Array(request.query.utf8) : request.body
        return player.reply(to: OTCommerceSim(world: world).call(parts[2], form(fields)))
    case "litemf" where parts.dropFirst() == ["v2", "rpc"]:
        pause(world.scenario.litemf.pace.latency)
        return player.reply(to: LiteMFSim(world: world).call(request))
    case "shiptor" where parts.count == 3 && parts[2] == "v1" && ["shipping", "public"].contains(parts[1]):
        pause(world.scenario.shiptor.pace.latency)
        return player.reply(to: ShiptorSim(world: world).call(request))
    case "telegram": return TelegramSim(world: world).reply(parts, request)
    case "webhook": return Sinks(world: world).webhook(request)
    case "sim": return ControlPages(world: world).reply(to: request, parts)
    default:
        guard let carrier = parts.first.flatMap(Scenario.Carrier.init(rawValue:)),
            let call = carrierCall(carrier, parts.dropFirst().joined(separator: "/"), request, world)
        else { return player.json([], status: 404) }
        pause(world.scenario.carriers.pace(of: carrier).latency)
        return player.reply(to: call)
    }
}

/// Nil where the carrier has no such address.
private func carrierCall(
    _ carrier: Scenario.Carrier, _ path: String, _ request: SimRequest, _ world: World
) -> Call? {
    switch (carrier, path) {
    case (.seventeenTrack, _): SeventeenTrackSim(world: world).call(path, request)
    case (.russianPost, "rtm34"): RussianPostSim(world: world).call(request)
    case (.kuaidi100, "poll/query.do"): Kuaidi100Sim(world: world).query(request)
    case (.kuaidi100, "autonumber/auto"): Kuaidi100Sim(world: world).recognise(request)
    case (.cdek, "v2/oauth/token"): CDEKSim(world: world).token(request)
    case (.cdek, "v2/orders"): CDEKSim(world: world).order(request)
    case (.cainiao, "global/detail.json"): CainiaoSim(world: world).call(request)
    case (.generic, "track"): GenericSim(world: world).call(request)
    default: nil
    }
}

private func pause(_ milliseconds: Int64) {
    if milliseconds > 0 { usleep(UInt32(clamping: milliseconds * 1000)) }
}
