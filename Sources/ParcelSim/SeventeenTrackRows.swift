// A number as 17TRACK prints it: each carrier's events apart, the newest first, the country of origin's carrier first.

struct SeventeenTrackRows {
    /// How much later it sees everything.
    let lag: Int64
    let now: Int64

    private static let carriers: [Int: (name: String, page: String, country: String)] = [
        3011: ("China Post", "http://english.chinapost.com.cn/", "CN"),
        3013: ("China EMS", "http://www.ems.com.cn", "CN"),
        18031: ("Russian Post", "https://www.pochta.ru/", "RU"), 100_030: ("CDEK", "https://www.cdek.ru/", "RU"),
        190_271: ("Cainiao", "https://global.cainiao.com/", "CN"),
        190_157: ("YTO Express", "https://www.yto.net.cn/", "CN"),
        190_455: ("ZTO Express", "https://www.zto.com/", "CN"),
        190_766: ("SF Express", "https://www.sf-express.com/", "CN"),
        190_442: ("J&T Express China", "https://www.jtexpress.cn/", "CN"),
        190_324: ("STO Express", "https://www.sto.cn/", "CN"),
    ]

    /// - Parameter known: nil for a number that no carrier knows.
    func row(_ number: String, _ made: Ledger.Registration, _ known: Scenario.Number?, _ synced: Int64) -> JSON {
        let events = known?.events(of: .seventeenTrack, at: synced - lag) ?? []
        let status = status(events)
        return [
            "number": .text(number), "carrier": .integer(made.carrier), "tag": .null,
            "track_info": [
                "shipping_info": [
                    "shipper_address": address("CN", events.first?.place),
                    "recipient_address": address(known?.company == nil ? "RU" : "CN", nil),
                ],
                "latest_status": [
                    "status": .text(String(status.prefix { $0 != "_" })), "sub_status": .text(status),
                    "sub_status_descr": .null,
                ], "latest_event": events.last.map(event) ?? .null, "time_metrics": metrics(events),
                "milestone": .array(stages.map { stage(events, $0.0, $0.1) }), "misc_info": details(known, synced),
                "tracking": ["providers_hash": 1, "providers": .array(providers(events, made, known, synced))],
            ],
        ]
    }

    /// A row of `gettracklist`.
    func listed(
        _ number: String, _ made: Ledger.Registration, _ known: Scenario.Number?, _ synced: Int64?, _ state: String
    ) -> JSON {
        let events = synced.flatMap { known?.events(of: .seventeenTrack, at: $0 - lag) } ?? []
        return [
            "number": .text(number), "carrier": .integer(made.carrier), "tag": .null, "register_time": utc(made.at),
            "track_time": synced.map(utc) ?? .null, "tracking_status": .text(state),
            "package_status": .text(String(status(events).prefix { $0 != "_" })), "push_status": "NotPushed",
        ]
    }

    private func status(_ events: [Scenario.NumberEvent]) -> String {
        events.last?.codes[.seventeenTrack] ?? "NotFound_Other"
    }

    private func utc(_ ms: Int64) -> JSON { .text(local(ms, minutes: 0) + "Z") }

    private func address(_ country: String, _ city: String?) -> JSON {
        [
            "country": .text(country), "state": .null, "city": city.map { .text($0) } ?? .null,
            "street": .text("Улица-" + personalMark), "postal_code": .null,
            "coordinates": ["longitude": .null, "latitude": .null],
        ]
    }

    private func event(_ event: Scenario.NumberEvent) -> JSON {
        let parts = event.wallTime.split(separator: "T").map(String.init)
        let code = event.codes[.seventeenTrack] ?? ""
        return [
            "time_iso": .text(event.wallTime + event.offset), "time_utc": utc(event.at.ms),
            // Without a zone where the carrier gives none: the offset is then 17TRACK's own guess.
            "time_raw": [
                "date": .text(parts[0]), "time": .text(parts[1]),
                "timezone": event.country == "CN" ? .null : .text(event.offset),
            ],
            "description": .text(event.text), "description_translation": .null,
            "location": event.place.isEmpty ? .null : .text(event.place),
            "stage": stages.first { $0.1 == code }.map { .text($0.0) } ?? .null, "sub_status": .text(code),
            "address": [
                "country": .text(event.country), "state": .null, "city": .text(event.place), "street": .null,
                "postal_code": .null, "coordinates": ["longitude": .null, "latitude": .null],
            ],
        ]
    }

    private func metrics(_ events: [Scenario.NumberEvent]) -> JSON {
        func days(_ from: Int64?, _ to: Int64) -> JSON { .integer(Int(max(0, to - (from ?? to)) / 86_400_000)) }
        return [
            "days_after_order": days(events.first?.at.ms, now), "days_of_transit": days(events.first?.at.ms, now),
            "days_of_transit_done": 0, "days_after_last_update": days(events.last?.at.ms, now),
            "estimated_delivery_date": ["source": .null, "from": .null, "to": .null],
        ]
    }

    private let stages = [
        ("InfoReceived", "InfoReceived"), ("PickedUp", "InTransit_PickedUp"), ("Departure", "InTransit_Departure"),
        ("Arrival", "InTransit_Arrival"), ("AvailableForPickup", "AvailableForPickup_Other"),
        ("OutForDelivery", "OutForDelivery_Other"), ("Delivered", "Delivered_Other"),
        ("Returning", "Exception_Returning"), ("Returned", "Exception_Returned"),
    ]

    private func stage(_ events: [Scenario.NumberEvent], _ name: String, _ code: String) -> JSON {
        guard let first = events.first(where: { $0.codes[.seventeenTrack] == code }) else {
            return ["key_stage": .text(name), "time_iso": .null, "time_utc": .null]
        }
        return [
            "key_stage": .text(name), "time_iso": .text(first.wallTime + first.offset), "time_utc": utc(first.at.ms),
        ]
    }

    private func details(_ known: Scenario.Number?, _ synced: Int64) -> JSON {
        let number = known?.lastMile(at: synced - lag)
        let key = number.flatMap { _ in known?.lastCarrier }
        return [
            "risk_factor": 0, "service_type": .null, "weight_raw": "0.355KG", "weight_kg": "0.355", "pieces": .null,
            "dimensions": .null, "customer_number": .null, "reference_number": .null,
            "local_number": number.map { .text($0) } ?? .null,
            "local_provider": key.flatMap { Self.carriers[$0] }.map { .text($0.name) } ?? .null,
            "local_key": key.map { .integer($0) } ?? .null,
        ]
    }

    private func providers(
        _ events: [Scenario.NumberEvent], _ made: Ledger.Registration, _ known: Scenario.Number?, _ synced: Int64
    ) -> [JSON] {
        func key(_ event: Scenario.NumberEvent) -> Int {
            event.carrier ?? (event.country == "RU" ? known?.lastCarrier : nil) ?? made.carrier
        }
        var keys = [made.carrier]
        for event in events where !keys.contains(key(event)) { keys.append(key(event)) }
        return keys.map { wanted in
            let carrier = Self.carriers[wanted] ?? ("Carrier \(wanted)", "https://example.com/", "CN")
            return [
                "provider": [
                    "key": .integer(wanted), "name": .text(carrier.name), "alias": .text(carrier.name), "tel": .null,
                    "homepage": .text(carrier.page), "country": .text(carrier.country),
                ], "provider_tips": .null, "service_type": .null, "latest_sync_status": "Success",
                "latest_sync_time": utc(synced), "events_hash": .integer(-1 - events.count),
                "events": .array(events.filter { key($0) == wanted }.reversed().map(event)),
            ]
        }
    }
}
