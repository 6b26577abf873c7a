// What a letter says besides its facts: why it is written, and what is asked for at each stage.

import ParcelCore

extension LetterWriter {
    /// - Parameter kinds: Of the things that follow.
    func opening(_ kind: AlertKind?, _ kinds: [ThingKind?], isOver: Bool) -> String {
        let (one, these) = (kinds.count == 1, nouns(kinds))
        switch kind {
        case .stall?, .cannotBeChecked?:
            return say(
                "Помогите, пожалуйста: \(one ? "здесь" : "по этим позициям") давно нет движения.",
                "Please help: \(one ? "this has" : "these have") not moved for a long time.",
                "以下\(these)较长时间没有更新，麻烦您帮忙核实：")
        case .contradiction?:
            return say(
                "Помогите, пожалуйста, разобраться: сведения о доставке расходятся.",
                "Please help: what is said about the delivery does not agree.", "以下\(these)在不同系统中的状态不一致，麻烦您帮忙核实：")
        case .signed?:
            return say(
                "Помогите, пожалуйста: по данным курьера это вручено на складе, а склад этого не зарегистрировал.",
                "Please help: the courier says that this was signed for at the warehouse, which has not registered it.",
                "快递显示以下\(these)已在仓库签收，但仓库系统尚未登记，麻烦您帮忙核实：")
        case .twoNumbers?:
            return say(
                "Помогите, пожалуйста: в разных системах указаны разные трек-номера.",
                "Please help: different systems give different track numbers.", "以下\(these)在不同系统中的运单号不一致，麻烦您帮忙核实：")
        case .refund?:
            return say(
                one
                    ? "Эту позицию поставить не могут, деньги должны вернуться."
                    : "Эти позиции поставить не могут, деньги должны вернуться.",
                one
                    ? "This cannot be supplied, so its price comes back."
                    : "These cannot be supplied, so their price comes back.",
                "以下\(these)无法供货，款项应当退回：")
        case .condition?:
            return say(
                "Помогите, пожалуйста: в пути возникла проблема.", "Please help: there is trouble on the way.",
                "以下\(these)在运输途中出现异常，麻烦您帮忙处理：")
        case .vanished?:
            return say(
                one ? "Эта позиция пропала из списков." : "Эти позиции пропали из списков.",
                one ? "This is no longer listed." : "These are no longer listed.", "以下\(these)在系统中已查不到记录，麻烦您帮忙核实：")
        case _ where isOver:
            return say(
                one ? "Вот что нам известно об этой позиции." : "Вот что нам известно об этих позициях.",
                one ? "This is what we know of this." : "This is what we know of these.", "以下是我们掌握的\(these)信息：")
        default:
            return say(
                one
                    ? "Подскажите, пожалуйста, как обстоят дела с этой позицией."
                    : "Подскажите, пожалуйста, как обстоят дела с этими позициями.",
                one ? "Please tell us how things stand with this." : "Please tell us how things stand with these.",
                "麻烦您帮忙查询以下\(these)的最新情况：")
        }
    }

    func question(about subject: LetterSubject) -> String {
        switch subject.kind {
        case .stall?, .cannotBeChecked?: question(at: subject.facts.stage)
        case .contradiction?:
            say(
                "Проверьте, пожалуйста, где это на самом деле.", "Please check where it really is.",
                "请核实实际情况，并告知目前在哪里。")
        case .signed?:
            say(
                "Проверьте, пожалуйста, принята ли посылка на склад, и внесите её в систему.",
                "Please check whether the warehouse has the parcel, and register it.", "请核实仓库是否已收到该包裹，并在系统中登记。")
        case .twoNumbers?:
            say(
                "Напишите, пожалуйста, какой номер верный.", "Please tell us which number is right.",
                "请告知哪个运单号是正确的。")
        case .refund?:
            say(
                "Подтвердите, пожалуйста, что деньги вернутся на счёт полностью, и напишите когда.",
                "Please confirm that the full price goes back to the account, and when.", "请确认款项是否会全额退回账户，以及退款时间。")
        case .condition?: question(about: subject.facts.condition)
        case .vanished?:
            say(
                "Напишите, пожалуйста, удалено ли это и почему.", "Please tell us whether it was removed, and why.",
                "请告知该记录是否已被删除以及原因。")
        case _ where subject.ending != nil:
            say(
                "Подтвердите, пожалуйста, что всё верно.", "Please confirm that this is right.", "请确认以上信息是否正确。")
        default:
            say(
                "Напишите, пожалуйста, что с этим сейчас и когда ждать следующего шага.",
                "Please tell us where it is now and when to expect the next step.", "请告知目前的情况以及下一步的预计时间。")
        }
    }

    private func question(at stage: Stage?) -> String {
        switch stage {
        case .payment?:
            say("Оплатите, пожалуйста, или подтвердите цену.", "Please pay, or confirm the price.", "请付款或确认价格。")
        case .purchase?:
            say(
                "Когда это будет выкуплено? Если выкупить нельзя, напишите, пожалуйста, почему.",
                "When will it be bought? If it cannot be bought, please tell us why.",
                contact == .seller ? "请问是否有货，什么时候可以发货？如果缺货，请告知。" : "请问什么时候可以采购？如果无法采购，请告知原因。")
        case .trackAssignment?:
            say(
                "Отправил ли продавец товар? Пришлите, пожалуйста, трек-номер по Китаю.",
                "Has the seller sent it? Please give us the Chinese track number.",
                contact == .seller ? "请问是否已经发货？麻烦提供快递单号。" : "请问卖家是否已经发货？麻烦提供国内快递单号。")
        case .inbound?:
            say(
                "Пришло ли это на склад? Если нет, узнайте, пожалуйста, у продавца и курьера, где оно.",
                "Has it arrived at the warehouse? If not, please ask the seller and the courier where it is.",
                contact == .seller ? "请联系快递公司核实包裹目前在哪里，并告知处理结果。" : "请问仓库是否已经收到？如果没有收到，麻烦向卖家和快递公司核实货物在哪里。")
        case .assembly?:
            say(
                "Все товары заказа пришли на склад. Когда будет собрана посылка, и чего для этого не хватает?",
                "All items of the order are at the warehouse. When will the parcel be packed, and what is missing?",
                "订单的商品已全部到仓。请问什么时候可以打包？如果还缺少什么，请告知。")
        case .handover?:
            say(
                "Отправлена ли посылка? Пришлите, пожалуйста, дату отправки и трек-номер.",
                "Has the parcel been sent? Please give us the date and the track number.", "请问包裹是否已经发出？麻烦提供发货日期和跟踪单号。")
        case .acceptance?:
            say(
                "Перевозчик не знает этот номер. Верен ли он, и сдана ли посылка перевозчику?",
                "The carrier does not know this number. Is it right, and was the parcel handed in?",
                "承运商查询不到该单号。请确认单号是否正确，包裹是否已经交给承运商。")
        case .origin?, .crossBorder?, .destination?:
            say(
                "Где посылка сейчас, и когда она двинется дальше?",
                "Where is the parcel now, and when will it move on?",
                "请问包裹目前在哪里，预计什么时候继续运输？")
        case .pickup?:
            say(
                "Напомните, пожалуйста, покупателю забрать посылку, пока её не вернули.",
                "Please remind the buyer to collect the parcel before it is sent back.", "请提醒收件人尽快取件，以免包裹被退回。")
        case .unmapped?, nil:
            say(
                "Напишите, пожалуйста, что с этим сейчас и чего оно ждёт.",
                "Please tell us where it is now and what it waits for.", "请告知目前的情况以及还在等待什么。")
        }
    }

    private func question(about condition: Condition?) -> String {
        switch condition {
        case .customsHold?, .dutyDue?, .infoRequired?:
            say(
                "Какие документы или платежи нужны таможне, и до какого числа?",
                "Which papers or payments do customs need, and until when?", "请问海关需要哪些文件或费用，最晚什么时候提供？")
        case .returning?, .returned?, .unclaimed?, .refused?:
            say(
                "Почему посылка возвращается, можно ли остановить возврат и отправить её снова?",
                "Why does it go back? Can the return be stopped, or the parcel sent again?", "请问退回的原因是什么？能否停止退回或重新发货？")
        case .lost?, .expired?:
            say(
                "Начните, пожалуйста, розыск и сообщите, когда ждать ответа и как получить возмещение.",
                "Please start a search, and tell us when to expect an answer and how to claim.",
                "请协助查找，并告知什么时候有结果以及如何申请赔偿。")
        case .damaged?, .destroyed?, .confiscated?:
            say(
                "Что произошло? Пришлите, пожалуйста, фото или акт и напишите, как получить возмещение.",
                "What happened? Please send photos or a report, and tell us how to claim.", "请告知具体情况，提供照片或证明，并说明如何申请赔偿。"
            )
        case .addressProblem?, .attemptFailed?, .recipientUnavailable?, .storageExpiring?:
            say(
                "Каких сведений не хватает для вручения, и до какого числа хранится посылка?",
                "What is missing for the delivery, and how long is the parcel kept?", "请问派送还缺少哪些信息？包裹最晚保管到哪一天？")
        case .invalidNumber?:
            say(
                "Верен ли этот номер? Если нет, пришлите, пожалуйста, правильный.",
                "Is this number right? If not, please give us the right one.", "请确认该单号是否正确；如有错误，麻烦提供正确的单号。")
        case .delayed?, .cancelled?, .blocked?, nil:
            say(
                "Что произошло, и что нужно сделать с нашей стороны?", "What happened, and what do you need from us?",
                "请告知具体情况以及需要我们做什么。")
        }
    }

    /// What Chinese calls them; the other languages need no noun.
    private func nouns(_ kinds: [ThingKind?]) -> String {
        let distinct = Set(kinds)
        guard distinct.count == 1, let kind = distinct.first ?? nil else { return "货物" }
        return ChineseWords.word(kind)
    }
}

extension Reader {
    package func word(_ contact: LetterContact) -> String {
        switch contact {
        case .logist: word(ContactRole.logist)
        case .platform: word(ContactRole.platform)
        case .manager: word(ContactRole.manager)
        case .carrier: word(ContactRole.carrier)
        case .warehouse: say("склад", "warehouse")
        case .seller: say("продавец", "seller")
        }
    }
}
