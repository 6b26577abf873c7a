// How `status` tells by which configuration the daemon works, and what keeps it from taking over the file as it is.

import ParcelChannels
import ParcelCore
import ParcelStore

func configurationJSON(_ state: ConfigurationState) -> JSONValue {
    .members([
        "takenAt": .instant(state.takenAt), "refusedAt": .instant(state.refusedAt),
        "mistakeCount": .integer(state.problemCount),
        "mistakes": .array(state.problems.map { .string(harmless($0, limit: 500)) }),
    ])
}

func configurationRows(_ state: ConfigurationState, _ reader: Reader) -> [[String]] {
    let name = reader.say("настройки", "configuration")
    let taken = reader.time(state.takenAt)
    guard let refused = state.refusedAt.map(reader.time) else {
        return [[name, reader.say("работаем по файлу, прочитанному \(taken)", "running the one of \(taken)")]]
    }
    let count = state.problemCount
    let words = reader.say(
        "работаем по файлу, прочитанному \(taken); с \(refused) в файле ошибок: \(count)",
        "running the one of \(taken); the file has \(count) mistake\(count == 1 ? "" : "s") since \(refused)")
    var rows = [[name, words]]
    for problem in state.problems { rows.append(["", harmless(problem, limit: 500)]) }
    if count > state.problems.count {
        let more = count - state.problems.count
        rows.append(["", reader.say("и ещё \(more)", "and \(more) more")])
    }
    let advice = reader.say(
        "Исправьте файл, проверьте (parceld check), затем: systemctl reload parceld",
        "Mend the file, try it (parceld check), then: systemctl reload parceld")
    return rows + [["", advice]]
}
