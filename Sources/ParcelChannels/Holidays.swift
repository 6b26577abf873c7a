// Names of holidays for people who do not read the language of the calendar's data. A name that is not here is shown
// as the data have it.

import ParcelCore

extension Reader {
    /// `праздник середины осени, День образования КНР (中秋节、国庆节)`; the data's own name stays for who looks it up.
    package func holiday(_ name: String) -> String {
        let own = harmless(name, limit: 80)
        let words = holidayWord(own).map { [$0] } ?? holidayWords(own)
        guard let words, !words.isEmpty else { return own }
        let text = words.joined(separator: ", ")
        return text == own ? own : "\(text) (\(own))"
    }

    /// Two holidays that fall together, or one of each country; nil where one of them has no word here.
    private func holidayWords(_ names: String) -> [String]? {
        var words: [String] = []
        for part in names.split(whereSeparator: { "、,".contains($0) }) {
            guard let word = holidayWord(String(part.drop { $0 == " " })) else { return nil }
            if !words.contains(word) { words.append(word) }
        }
        return words
    }

    private func holidayWord(_ name: String) -> String? {
        if let (russian, english) = holidays[name] { return say(russian, english) }
        // Russian names are the reader's own, or begin with one of few phrases.
        guard name.unicodeScalars.contains(where: { (0x400...0x4FF).contains($0.value) }) else { return nil }
        if language == .ru { return name }
        return englishPhrases.first { name.hasPrefix($0.russian) }?.english
    }
}

private let holidays: [String: (russian: String, english: String)] = [
    "元旦": ("Новый год", "New Year"),
    "春节": ("китайский Новый год", "Chinese New Year"),
    "春节延长假期": ("продлённый китайский Новый год", "extended Chinese New Year"),
    "清明节": ("День поминовения усопших", "Qingming"),
    "劳动节": ("Праздник труда", "Labour Day"),
    "端午节": ("Праздник драконьих лодок", "Dragon Boat Festival"),
    "中秋节": ("Праздник середины осени", "Mid-Autumn Festival"),
    "国庆节": ("День образования КНР", "National Day"),
]

private let englishPhrases: [(russian: String, english: String)] = [
    ("Новогодние каникулы", "New Year holidays"),
    ("Рождество Христово", "Orthodox Christmas"),
    ("День защитника Отечества", "Defender of the Fatherland Day"),
    ("Международный женский день", "Women's Day"),
    ("Праздник Весны и Труда", "Spring and Labour Day"),
    ("День Победы", "Victory Day"),
    ("День России", "Russia Day"),
    ("День народного единства", "Unity Day"),
    ("Выходной (перенос", "moved day off"),
    ("Нерабочий день", "non-working day"),
]
