// The words for what the core knows as cases. Every case has both languages: the switches see to it.

package import ParcelCore

extension Reader {
    package func word(_ stage: Stage) -> String {
        switch stage {
        case .payment: say("ждёт оплаты", "waiting for payment")
        case .purchase: say("ждёт выкупа", "waiting to be bought")
        case .trackAssignment: say("ждёт трек-номера продавца", "waiting for the seller's track number")
        case .inbound: say("в пути на склад в Китае", "on its way to the Chinese warehouse")
        case .assembly: say("ждёт сборки посылки", "waiting to be packed")
        case .handover: say("ждёт отправки со склада", "waiting to be sent")
        case .origin: say("в пути по Китаю", "under way in China")
        case .crossBorder: say("в пути через границу", "crossing the border")
        case .destination: say("в пути по России", "under way in Russia")
        case .pickup: say("ждёт получателя", "waiting for the buyer")
        case .unmapped: say("статус неизвестен", "status not known")
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
        case .destroyed: say("утилизация", "to be destroyed")
        case .confiscated: say("изъято", "confiscated")
        case .unclaimed: say("не востребовано", "not claimed")
        case .customsHold: say("задержано таможней", "held by customs")
        case .dutyDue: say("нужно уплатить пошлину", "customs duty is due")
        case .infoRequired: say("таможня ждёт сведений", "customs asks for information")
        case .attemptFailed: say("вручить не удалось", "delivery failed")
        case .addressProblem: say("неверный адрес", "a problem with the address")
        case .storageExpiring: say("кончается срок хранения", "storage is about to end")
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
        case .stall: say("нет движения", "silent")
        case .contradiction: say("сведения расходятся", "providers disagree")
        case .refund: say("возврат денег", "refund")
        case .condition: say("происшествие", "trouble")
        case .vanished: say("пропало из списков", "vanished")
        case .cannotBeChecked: say("не проверяется", "cannot be checked")
        case .providerDown: say("сервис не отвечает", "provider down")
        case .authentication: say("не пускает", "login refused")
        case .clock: say("часы сервера", "host clock")
        case .channelRefused: say("канал не принимает", "channel refuses")
        case .coverageEnds: say("календарь кончается", "calendar ends")
        }
    }

    package func word(_ role: TrackNumberRole) -> String {
        switch role {
        case .domestic: say("по Китаю", "in China")
        case .forwarder: say("логист", "forwarder")
        case .international: say("международный", "international")
        case .lastMile: say("доставка", "last mile")
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

    package func name(_ provider: ProviderID) -> String {
        switch provider.description {
        case "otcommerce": "OT Commerce"
        case "litemf": "LiteMF"
        case "shiptor": "Shiptor"
        default: provider.description
        }
    }

    /// `Посылка № 519`, `№ 1907-2`, `Заказ ORD-000001907`.
    package func name(_ facts: AlertFacts) -> String {
        switch facts.thingKind {
        case .item: "№ \(harmless(facts.label))"
        case .parcel: say("Посылка № ", "Parcel № ") + harmless(facts.label)
        case .order: say("Заказ ", "Order ") + harmless(facts.label)
        case .trackNumber, nil: harmless(facts.label)
        }
    }
}
