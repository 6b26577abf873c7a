// What can be set about an endpoint of the user's own. What is wrong with the settings is said in GenericReading.swift.

import ParcelCore

extension Generic {
    static let schema = SettingSchema("generic", keys + SettingSchema.mannersKeys, isNamed: true) { settings in
        var reading = GenericReading(settings)
        _ = reading.recipe()
        return reading.problems
    }

    private static let keys: [SettingKey] = [
        SettingKey("url", .url, required: true, "address that is asked, a template"),
        SettingKey(
            "ask", .choice(["list", "one", "batch"]), required: true,
            "list (all at once), one (a request for each number) or batch (batch_size numbers in a request)"),
        SettingKey("method", .choice(["GET", "POST"]), "GET, or POST where there is a body, if left out"),
        SettingKey("headers", .texts, "more of the request's headers, templates"),
        SettingKey("body", .longText, "what is posted: a template of JSON or of a form"),
        SettingKey("secrets", .secrets, "what {secret:NAME} stands for"),
        SettingKey("batch_size", .integer(1...1000), "most numbers in a request; needed with ask: batch"),
        SettingKey(
            "separator", .text, "what stands between {numbers} where they are no JSON list; a comma if left out"),
        SettingKey("first_page", .integer(0...1_000_000), "what {page} begins with; 1 if left out"),
        SettingKey("answer", .section(answerKeys), "pointers into the whole answer"),
        SettingKey("row", .section(rowKeys), "pointers into what is said of one number"),
        SettingKey("event", .section(happeningKeys), "pointers into an element of row.events"),
        SettingKey("time", .section(timeKeys), "how times are written"),
        SettingKey(
            "vocabulary", .choice(MilestoneMap.names),
            "codes that parceld knows already; none if left out"),
        SettingKey("statuses", .texts, "the codes and what each means, over those of the vocabulary"),
        SettingKey(
            "formats", .names(TrackNumberFormat.all.map(\.id)),
            "forms of the numbers that are followed; all if left out"),
        SettingKey("prefixes", .names(nil), "beginnings of the numbers that are followed; all if left out"),
        SettingKey(
            "roles", .names(TrackNumberRole.allCases.map(\.rawValue)),
            "roles of the numbers that are followed; all if left out"),
        SettingKey("every", .duration, "how often the list is read; 60 min if left out"),
    ]

    private static let answerKeys: [SettingKey] = [
        SettingKey("list", .pointer, "the rows; the whole answer if left out"),
        SettingKey("next", .pointer, "the next page: a cursor, a page's number, true, or an address on the same host"),
        SettingKey("success", .pointer, "says whether the answer is one"),
        SettingKey("success_is", .names(nil), "what stands there if it is; true, 1, ok, success if left out"),
        SettingKey("not_found_is", .names(nil), "what stands there if the number is not known"),
        SettingKey("error", .pointer, "the reason where it is not; without success, anything there is an error"),
    ]

    private static let rowKeys: [SettingKey] =
        [
            SettingKey("id", .pointer, "the row's own id, where one number may have several rows"),
            SettingKey("number", .pointer, "the track number; may be left out only with ask: one"),
        ] + happeningKeys + [SettingKey("events", .pointer, "list of what happened")]

    private static let happeningKeys: [SettingKey] = [
        SettingKey("status", .pointer, "the status code"), SettingKey("text", .pointer, "the status in words"),
        SettingKey("time", .pointer, "when it happened"), SettingKey("place", .pointer, "where it happened"),
        SettingKey("country", .pointer, "in which country, two letters"),
    ]

    private static let timeKeys: [SettingKey] = [
        SettingKey(
            "format", .text, "iso8601, unix, unix_ms or a pattern such as dd.MM.yyyy HH:mm; iso8601 if left out"),
        SettingKey("zone", .zone, "zone of times without one, such as Asia/Shanghai"),
    ]
}
