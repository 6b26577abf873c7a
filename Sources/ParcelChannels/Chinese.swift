// What letters need in Chinese, as a warehouse clerk reads it. Nothing else is written in Chinese. The words that the
// other two languages share with the alerts come from there.

import ParcelCore

extension LetterWriter {
    func word(_ stage: Stage) -> String { language == .zh ? ChineseWords.word(stage) : reader.word(stage) }
    func word(_ ending: Ending) -> String { language == .zh ? ChineseWords.word(ending) : reader.word(ending) }
    func word(_ condition: Condition) -> String {
        language == .zh ? ChineseWords.word(condition) : reader.word(condition)
    }
    func word(_ role: TrackNumberRole) -> String { language == .zh ? ChineseWords.word(role) : reader.word(role) }

    /// `Товар № 1907-2`, `Item 1907-2`, `商品 1907-2`.
    func name(_ facts: AlertFacts) -> String {
        if language == .zh {
            let noun = facts.thingKind.map { ChineseWords.word($0) + " " } ?? ""
            return noun + harmless(facts.label, limit: 80)
        }
        let name = reader.name(facts)
        return language == .ru && facts.thingKind == .item ? "Товар " + name : name
    }

    func name(_ provider: ProviderID) -> String {
        guard language == .zh else { return reader.name(provider) }
        return switch provider.description {
        case "russianpost": "俄罗斯邮政"
        case "kuaidi100": "快递100"
        case "cainiao": "菜鸟"
        case "user": "人工录入"
        default: reader.name(provider)
        }
    }

    /// `27 сентября 2017`, `27 Sep 2017`, `2017年9月27日`.
    func date(_ instant: Timestamp) -> String {
        guard language == .zh else { return reader.date(instant) }
        let (year, month, day) = reader.zone.date(of: instant).parts
        return "\(year)年\(month)月\(day)日"
    }

    /// `5 рабочих дней`, `5 working days`, `5个工作日`.
    func workingDays(_ count: Int) -> String {
        language == .zh ? "\(count)个工作日" : reader.workingDays(count)
    }

    /// `144,67 руб.`, `144.67 RUB`, `144.67卢布`.
    func amount(_ money: Money) -> String {
        guard language == .zh else { return reader.amount(money) }
        switch money.currency {
        case "RUB": return "\(money.amountText)卢布"
        case "CNY": return "\(money.amountText)元"
        case "USD": return "\(money.amountText)美元"
        case "EUR": return "\(money.amountText)欧元"
        default: return reader.amount(money)
        }
    }

    /// `Китай`, `China`, `中国工作日`.
    func calendarWords(_ ids: [String]) -> String {
        guard language == .zh else { return ids.map { reader.calendar($0) }.joined(separator: " + ") }
        return ids.map { ChineseWords.calendar($0) ?? "“\(harmless($0, limit: 40))”日历" }.joined(separator: "和")
    }

    func quoted(_ text: String?) -> String {
        guard language == .zh else { return reader.quoted(text) ?? "" }
        let words = harmless(text ?? "")
        return words.isEmpty ? "" : "“\(words)”"
    }

    func list(_ words: [String]) -> String { language == .zh ? words.joined(separator: "、") : reader.list(words) }
}

enum ChineseWords {
    static func word(_ kind: ThingKind) -> String {
        switch kind {
        case .order: "订单"
        case .item: "商品"
        case .parcel: "包裹"
        case .trackNumber: "单号"
        }
    }

    static func word(_ stage: Stage) -> String {
        switch stage {
        case .payment: "等待付款或确认价格"
        case .purchase: "等待采购"
        case .trackAssignment: "等待卖家发货并提供快递单号"
        case .inbound: "等待入库"
        case .assembly: "等待打包"
        case .handover: "等待从仓库发出"
        case .acceptance: "承运商尚无该单号的记录"
        case .origin: "中国境内运输中"
        case .crossBorder: "跨境运输中"
        case .destination: "俄罗斯境内运输中"
        case .pickup: "等待收件人取件"
        case .unmapped: "环节不明"
        }
    }

    static func word(_ ending: Ending) -> String {
        switch ending {
        case .delivered: "已签收"
        case .refunded: "退款中"
        case .cancelled: "已取消"
        case .removed: "已删除"
        case .returned: "已退回"
        case .lost: "已丢失"
        case .destroyed: "已销毁"
        case .confiscated: "已被没收"
        case .unclaimed: "无人领取"
        case .handedOver: "已送达仓库"
        case .superseded: "单号已用于其他包裹"
        }
    }

    static func word(_ condition: Condition) -> String {
        switch condition {
        case .delayed: "运输延误"
        case .refused: "收件人拒收"
        case .damaged: "货物破损"
        case .returning: "正在退回发件人"
        case .returned: "已退回发件人"
        case .lost: "包裹丢失"
        case .destroyed: "包裹已销毁"
        case .confiscated: "包裹被没收"
        case .unclaimed: "逾期无人领取"
        case .customsHold: "海关扣留"
        case .dutyDue: "需缴纳关税"
        case .infoRequired: "海关要求补充资料"
        case .attemptFailed: "派送失败"
        case .addressProblem: "地址有误"
        case .storageExpiring: "保管期即将届满"
        case .recipientUnavailable: "未能联系到收件人"
        case .cancelled: "承运商已取消运输"
        case .expired: "长时间无信息，已停止跟踪"
        case .invalidNumber: "承运商表示单号无效"
        case .blocked: "查询被系统拒绝"
        }
    }

    static func word(_ role: TrackNumberRole) -> String {
        switch role {
        case .domestic: "国内快递单号"
        case .forwarder: "货代单号"
        case .international: "国际单号"
        case .lastMile: "末端派送单号"
        }
    }

    /// Nil for a calendar of the user's own.
    static func calendar(_ id: String) -> String? {
        switch id {
        case "cn": "中国工作日"
        case "ru": "俄罗斯工作日"
        case "plain": "周一至周五"
        case "six": "周一至周六"
        case "daily": "自然日"
        default: nil
        }
    }
}
