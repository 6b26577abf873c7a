// What to do about a matter, in one line, where a list of contacts does not say it.

import ParcelCore

func adviceLines(_ item: MessageItem, _ reader: Reader) -> [String] {
    switch item.kind {
    case .stall: silenceAdvice(item.facts.stage, reader).map { [$0] } ?? []
    case .contradiction:
        [reader.say("Спросите, где это на самом деле.", "Ask where it really is.")]
    case .refund:
        [
            reader.say(
                "Деньги за товар возвращаются на счёт полностью: проверьте, что они пришли. Об этом сообщаем один раз.",
                "The full price goes back to the account: check that it arrives. This is told once.")
        ]
    case .signed:
        [
            reader.say(
                "Перешлите логисту дату и номер: посылку приняли, но не внесли в систему.",
                "Send the logist the date and the number: the parcel was taken in and not entered.")
        ]
    case .twoNumbers:
        [reader.say("Спросите логиста, какой номер верный.", "Ask the logist which number is right.")]
    case .vanished:
        [
            reader.say(
                "Если это удалили нарочно, делать ничего не нужно; если нет, спросите логиста.",
                "If somebody removed it on purpose there is nothing to do; if not, ask the logist.")
        ]
    case .condition: item.facts.condition.map { [reader.advice($0)] } ?? []
    case .cannotBeChecked, .providerDown, .authentication, .clock, .channelRefused, .coverageEnds, .templateBroken,
        .database:
        []
    }
}

/// Only where the next step is the reader's own.
private func silenceAdvice(_ stage: Stage?, _ reader: Reader) -> String? {
    switch stage {
    case .payment: reader.say("Оплатите или подтвердите цену.", "Pay, or confirm the price.")
    case .acceptance:
        reader.say(
            "Сверьте номер с логистом и спросите, сдана ли посылка.",
            "Compare the number with the logist's, and ask whether the parcel was handed in.")
    case .pickup:
        reader.say(
            "Напомните покупателю забрать посылку, пока её не вернули.",
            "Remind the buyer to collect the parcel before it is sent back.")
    default: nil
    }
}

extension Reader {
    fileprivate func advice(_ condition: Condition) -> String {
        switch condition {
        case .delayed:
            say("Обычно доходит само; предупредите покупателя.", "It usually arrives by itself; tell the buyer.")
        case .refused: say("Узнайте у покупателя, почему он отказался.", "Ask the buyer why they refused it.")
        case .damaged: say("Попросите фото и составьте претензию.", "Ask for photos and make a claim.")
        case .returning:
            say(
                "Спросите, почему посылку вернули и можно ли её остановить.",
                "Ask why it goes back and whether it can be stopped.")
        case .returned:
            say(
                "Решите с покупателем: отправить ещё раз или вернуть деньги.",
                "Agree with the buyer: send again or refund.")
        case .lost: say("Подайте заявление на розыск и претензию.", "Ask for a search and make a claim.")
        case .destroyed: say("Узнайте причину и составьте претензию.", "Ask for the reason and make a claim.")
        case .confiscated:
            say("Узнайте причину изъятия и предупредите покупателя.", "Ask why it was taken and tell the buyer.")
        case .unclaimed: say("Напомните покупателю забрать посылку.", "Remind the buyer to collect it.")
        case .customsHold: say("Узнайте, какие документы нужны таможне.", "Ask which papers customs need.")
        case .dutyDue:
            say("Сообщите покупателю, что нужно уплатить пошлину.", "Tell the buyer that duty has to be paid.")
        case .infoRequired:
            say(
                "Пришлите сведения, которых ждут, иначе посылку вернут.",
                "Send what is asked for, or it will be sent back.")
        case .attemptFailed:
            say("Договоритесь с покупателем о времени вручения.", "Agree with the buyer on a time for delivery.")
        case .addressProblem:
            say(
                "Уточните адрес у покупателя и сообщите его перевозчику.",
                "Ask the buyer for the right address and pass it on.")
        case .storageExpiring:
            say(
                "Напомните покупателю: срок хранения кончается.",
                "Remind the buyer: the time for collecting it is running out.")
        case .recipientUnavailable:
            say("Договоритесь с покупателем о времени вручения.", "Agree with the buyer on a time for delivery.")
        case .cancelled: say("Узнайте, почему перевозка отменена.", "Ask why the carriage was cancelled.")
        case .expired:
            say("Посмотрите номер на странице перевозчика.", "Look the number up on the carrier's page.")
        case .invalidNumber: say("Проверьте, верно ли записан номер.", "Check that the number is written correctly.")
        case .blocked: say("Посмотрите номер на странице перевозчика.", "Look the number up on the carrier's page.")
        }
    }
}
