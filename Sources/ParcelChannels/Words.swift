// The words for what the core knows as cases. Every case has both languages: the switches see to it.

package import ParcelCore

extension Reader {
    package func word(_ stage: Stage) -> String {
        switch stage {
        case .payment: say("ждём оплаты или подтверждения цены", "waiting for payment or for the price to be confirmed")
        case .purchase: say("ждём выкупа у продавца", "waiting to be bought from the seller")
        case .trackAssignment: say("ждём трек-номер от продавца", "waiting for the seller's track number")
        case .inbound: say("ждём прибытия на склад", "waiting to arrive at the warehouse")
        case .assembly: say("ждём сборки посылки", "waiting to be packed")
        case .handover: say("ждём отправки со склада", "waiting to be sent from the warehouse")
        case .acceptance: say("перевозчик ещё не знает этот номер", "the carrier does not know the number yet")
        case .origin: say("в пути по Китаю", "on its way in China")
        case .crossBorder: say("в пути через границу", "on its way across the border")
        case .destination: say("в пути по России", "on its way in Russia")
        case .pickup: say("ждёт, когда её заберёт покупатель", "waiting for the buyer to collect it")
        case .unmapped: say("этап неизвестен", "stage not known")
        }
    }

    package func word(_ ending: Ending) -> String {
        switch ending {
        case .delivered: say("доставлено", "delivered")
        case .refunded: say("деньги возвращаются", "refunded")
        case .cancelled: say("отменено", "cancelled")
        case .removed: say("удалено", "removed")
        case .returned: say("возвращено", "returned")
        case .lost: say("утеряно", "lost")
        case .destroyed: say("утилизировано", "destroyed")
        case .confiscated: say("изъято", "confiscated")
        case .unclaimed: say("не востребовано", "not claimed")
        case .handedOver: say("сдано на склад", "handed over at the warehouse")
        case .superseded: say("номер отдан другой посылке", "the number went to another parcel")
        }
    }

    package func word(_ condition: Condition) -> String {
        switch condition {
        case .delayed: say("задерживается", "delayed")
        case .refused: say("получатель отказался", "refused by the recipient")
        case .damaged: say("повреждено", "damaged")
        case .returning: say("возвращается отправителю", "on its way back")
        case .returned: say("возвращено отправителю", "returned to the sender")
        case .lost: say("утеряно", "lost")
        case .destroyed: say("утилизировано", "destroyed")
        case .confiscated: say("изъято", "confiscated")
        case .unclaimed: say("не востребовано", "not claimed")
        case .customsHold: say("задержано таможней", "held by customs")
        case .dutyDue: say("нужно уплатить пошлину", "customs duty is due")
        case .infoRequired: say("таможня ждёт сведений", "customs asks for information")
        case .attemptFailed: say("вручить не удалось", "delivery failed")
        case .addressProblem: say("неверный адрес", "a problem with the address")
        case .storageExpiring: say("кончается срок хранения", "storage is about to end")
        case .recipientUnavailable: say("получателя не застали", "the recipient was not reached")
        case .cancelled: say("отменено перевозчиком", "cancelled by the carrier")
        case .expired:
            say("слежение прекращено: слишком долго нет новостей", "no longer followed: no news for too long")
        case .invalidNumber: say("перевозчик не признаёт этот номер", "the carrier says that there is no such number")
        case .blocked: say("источник не отвечает нам", "the provider refuses to answer us")
        }
    }

    package func word(_ milestone: Milestone) -> String {
        switch milestone {
        case .unknown: say("пока ничего не известно", "nothing known yet")
        case .registered: say("оформлено, ещё не сдано", "registered, not handed in yet")
        case .accepted: say("принято", "accepted")
        case .originTransit: say("в пути по Китаю", "moving in China")
        case .handedToForwarder: say("сдано на склад", "handed over at the warehouse")
        case .exportCustoms: say("на таможне вывоза", "with export customs")
        case .exportReleased: say("выпущено на вывоз", "released for export")
        case .departedOrigin: say("покинуло Китай", "left China")
        case .internationalTransit: say("в пути между странами", "between the countries")
        case .arrivedDestinationCountry: say("прибыло в Россию", "arrived in Russia")
        case .importCustoms: say("на таможне ввоза", "with import customs")
        case .customsReleased: say("выпущено таможней", "released by customs")
        case .destinationTransit: say("в пути по России", "moving in Russia")
        case .arrivedDeliveryOffice: say("в отделении, ещё не выдаётся", "at the delivery office")
        case .readyForPickup: say("ждёт получателя", "ready to be collected")
        case .outForDelivery: say("у курьера", "out for delivery")
        case .delivered: say("вручено", "delivered")
        }
    }

    package func word(_ leg: Leg) -> String {
        switch leg {
        case .cnDomestic: say("Китай", "China")
        case .crossBorder: say("граница", "the border")
        case .ruDomestic: say("Россия", "Russia")
        case .unknown: say("неизвестно", "not known")
        }
    }

    package func word(_ level: Level) -> String {
        switch level {
        case .warning: say("внимание", "warning")
        case .critical: say("критично", "critical")
        }
    }

    package func word(_ kind: ThingKind) -> String {
        switch kind {
        case .order: say("заказ", "order")
        case .item: say("товар", "item")
        case .parcel: say("посылка", "parcel")
        case .trackNumber: say("трек-номер", "track number")
        }
    }

    package func word(_ kind: AlertKind) -> String {
        switch kind {
        case .stall: say("нет движения", "no movement")
        case .contradiction: say("сведения расходятся", "providers disagree")
        case .refund: say("возврат денег", "refund")
        case .condition: say("проблема в пути", "trouble on the way")
        case .vanished: say("пропало из списков", "vanished")
        case .signed: say("вручено, а склад не видит", "signed for, and not registered")
        case .twoNumbers: say("два разных номера", "two different numbers")
        case .cannotBeChecked: say("не проверяется", "cannot be checked")
        case .providerDown: say("сервис не отвечает", "provider down")
        case .authentication: say("вход не принят", "login refused")
        case .clock: say("часы сервера неверны", "host clock is wrong")
        case .channelRefused: say("канал не принимает", "channel refuses")
        case .coverageEnds: say("календарь кончается", "calendar ends")
        case .templateBroken: say("шаблон с ошибкой", "broken template")
        case .database: say("база не записывается", "database cannot be written")
        }
    }

    package func word(_ role: TrackNumberRole) -> String {
        switch role {
        case .domestic: say("по Китаю", "in China")
        case .forwarder: say("номер логиста", "forwarder")
        case .international: say("международный", "international")
        case .lastMile: say("местная доставка", "last mile")
        }
    }

    package func word(_ role: ContactRole) -> String {
        switch role {
        case .logist: say("логист", "logist")
        case .platform: say("площадка", "platform")
        case .manager: say("менеджер", "manager")
        case .carrier: say("перевозчик", "carrier")
        }
    }

    package func word(_ cause: Cause) -> String {
        switch cause {
        case .threshold: say("прошло слишком много рабочих дней", "too many working days went by")
        case .reported: say("сообщил сервис", "reported by the provider")
        case .moved: say("сдвинулось", "has moved")
        case .finished: say("завершено", "finished")
        case .waits: say("теперь ждёт остальных", "waits for others now")
        case .joined: say("оказалось уже известной позицией", "turned out to be a thing known before")
        case .recovered: say("снова в порядке", "right again")
        case .recomputed: say("пересчитано", "recomputed")
        case .superseded: say("теперь дело в другом", "something else is wrong by now")
        case .overdue: say("давно без движения", "still as it was")
        case .snoozeOver: say("отложенное вернулось", "the snooze is over")
        case .byHand: say("вручную", "by hand")
        }
    }

    package func word(_ change: Change) -> String {
        switch change {
        case .opened: say("открыто", "opened")
        case .escalated: say("стало хуже", "got worse")
        case .reminded: say("напомнили", "reminded")
        case .closed: say("закрыто", "closed")
        case .reopened: say("открыто снова", "opened again")
        case .lowered: say("смягчено", "lowered")
        case .acknowledged: say("взято в работу", "taken on")
        case .snoozed: say("отложено", "snoozed")
        case .unsnoozed: say("возвращено", "no longer snoozed")
        case .noted: say("заметка", "note")
        }
    }

    /// `anna` of `cli:anna`; the daemon by its own name.
    package func who(_ by: String) -> String {
        harmless(by.split(separator: ":", maxSplits: 1).last.map(String.init) ?? by, limit: 60)
    }

    package func word(_ telling: MessageItem.Telling) -> String {
        switch telling {
        case .opened: say("новое", "new")
        case .escalated: say("стало хуже", "worse")
        case .reminded: say("напоминание", "reminder")
        case .closed: say("закрыто", "closed")
        case .reopened: say("снова", "again")
        case .lowered: say("пересчитано", "recomputed")
        case .wasSilent: say("уже прошло", "already over")
        }
    }

    /// The provider's own name; another's id is shown as it is.
    package func name(_ provider: ProviderID) -> String {
        switch provider.description {
        case "otcommerce": "OT Commerce"
        case "litemf": "LiteMF"
        case "shiptor": "Shiptor"
        case "17track": "17TRACK"
        case "russianpost": say("Почта России", "Russian Post")
        case "kuaidi100": "Kuaidi100"
        case "cdek": say("СДЭК", "CDEK")
        case "cainiao": "Cainiao"
        case "user": say("вручную", "by hand")
        default: harmless(provider.description, limit: 80)
        }
    }

    /// `OT Commerce и Shiptor`.
    package func names(_ providers: [ProviderID]) -> String { list(providers.map { name($0) }) }

    /// `№ 1907-2`, `Посылка № 519`, `Заказ ORD-000001907`; `Item 1907-2`, `Parcel 519`.
    package func name(_ facts: AlertFacts) -> String {
        let label = harmless(facts.label, limit: 80)
        // `shiptor:11578` is no number that the shop knows.
        let number = label.contains(":") ? label : "№ \(label)"
        return switch facts.thingKind {
        case .item: language == .ru ? number : "Item \(label)"
        case .parcel: language == .ru ? "Посылка \(number)" : "Parcel \(label)"
        case .order: say("Заказ ", "Order ") + label
        case .trackNumber: say("Трек-номер ", "Track number ") + label
        case nil: label
        }
    }

    /// `Китай`, `пн–пт`; a calendar of the user's own by its id.
    package func calendar(_ id: String) -> String {
        switch id {
        case "cn": say("Китай", "China")
        case "ru": say("Россия", "Russia")
        case "plain": say("пн–пт", "Mon–Fri")
        case "six": say("пн–сб", "Mon–Sat")
        case "daily": say("все дни", "every day")
        default: harmless(id, limit: 40)
        }
    }

    /// `время Шанхая`; a zone without a word of its own by its name.
    package func zoneWords(_ name: String) -> String {
        switch name {
        case "Asia/Shanghai": say("время Шанхая", "Shanghai time")
        case "Europe/Moscow": say("время Москвы", "Moscow time")
        default: harmless(name, limit: 40)
        }
    }
}
