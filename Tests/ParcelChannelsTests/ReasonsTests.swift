// Our own sentences about failures in Russian: those that the sources hold, and what is put together of them.

import Foundation
import ParcelChannels
import ParcelCore
import Testing

private let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// Names, which Russian has too.
private let names: Set = [
    "JSON", "XML", "UTF", "TLS", "OpenSSL", "libcurl", "Kuaidi", "Telegram", "parcelctl", "track", "carrier", "C",
]

/// What is left in it of English.
private func english(in text: String) -> [String] {
    text.matches(of: #/[A-Za-z']+/#).map { String($0.output) }.filter { !names.contains($0) }
}

/// Each literal that is the reason of a failure, with 7 for what it is filled with.
private func sentences(in source: String) -> [String] {
    source.split(separator: "\n").filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }
        .flatMap {
            $0.matches(
                of:
                    #/\.(?:(?:unreachable|notData|authentication|clock|refused|blocked|quotaSpent)\(reason: |retry\(after: [^"]*reason: |(?:interrupted|tls|cannotConnect)\()"((?:[^"\\]|\\.)*)"/#
            )
        }
        .map { String($0.output.1).replacing(#/\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/#, with: "7") }
}

@Test func `every reason that the sources write has its Russian`() throws {
    let folders = ["ParcelProviders", "ParcelChannels", "ParcelHTTP", "ParcelService/Asking.swift"]
    var found: Set<String> = []
    for folder in folders {
        let place = repository.appending(path: "Sources/" + folder)
        let files =
            FileManager.default.enumerator(at: place, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        for file in files + [place] where file.pathExtension == "swift" {
            found.formUnion(sentences(in: try String(contentsOf: file, encoding: .utf8)))
        }
    }
    #expect(found.count > 30)
    let reader = try reader(.ru)
    // What JSON is wrong with has a list of its own, below.
    for sentence in found.subtracting(["the answer 7"]) {
        let russian = reader.reason(sentence)
        #expect(english(in: russian).isEmpty, "\(sentence): \(russian)")
    }
}

private let errors: [PollError] = [
    .refused(reason: "the next page is not at 7 (/7); no other host is asked"),
    .refused(reason: "Kuaidi100 does not recognise the courier; choose it: parcelctl track 7 --carrier C"),
    .unreachable(reason: "timed out"), .notData(reason: "an empty answer"), .rateLimited(retryAfter: nil),
    .rateLimited(retryAfter: .seconds(30)), .authentication(reason: "code 12"), .clock(reason: "timed out"),
    .malformed(field: "the answer"), .refused(reason: "an error without words"), .blocked(reason: "status 403"),
    .quotaSpent(reason: "the day's 100 requests are spent"), .unreachable(reason: "\(TransportError.timedOut)"),
    .unreachable(reason: "\(TransportError.cannotResolve("7"))"),
    .unreachable(reason: "\(TransportError.tooLarge(limit: 9))"),
    .unreachable(reason: "\(TransportError.cannotConnect("the proxy refused"))"),
    .unreachable(reason: "\(TransportError.tls("the certificate is refused (OpenSSL's verification error 7)"))"),
    .unreachable(reason: "\(TransportError.interrupted("the answer is not HTTP"))"),
    .unreachable(reason: "\(TransportError.invalidRequest("7"))"), .unreachable(reason: "\(TransportError.cancelled)"),
    .notData(reason: "the answer is nested too deeply (byte 7)"), .notData(reason: "the answer is too long (byte 7)"),
    .notData(reason: "the answer is not UTF-8 (byte 7)"), .notData(reason: "the answer is not JSON, or is cut short"),
    .notData(reason: "a web page instead of JSON"), .clock(reason: "the clock went back by 7 s"),
    .clock(reason: "the host's clock jumped by 7 s"), .authentication(reason: "status 401: there are errors at /1"),
    .unreachable(reason: "the certificate is for another host"), .unreachable(reason: "the certificate has expired"),
]

@Test func `every kind of failure has its Russian`() throws {
    for error in errors {
        let russian = try reader(.ru).reason(error.reason)
        #expect(english(in: russian).isEmpty && russian != error.reason, "\(error.reason): \(russian)")
        #expect(try reader(.en).reason(error.reason) == error.reason)
    }
}

@Test(arguments: [
    ("refused: an error in words that are not kept", "отказ: ошибка, слова которой не сохраняются"),
    ("refused: an error without words", "отказ: ошибка без пояснения"), ("refused: code 1104", "отказ: код 1104"),
    ("authentication failed: bad key (code v2_bad)", "вход не принят: bad key (код v2_bad)"),
    ("refused: code is wrong", "отказ: code is wrong"), ("refused: status is wrong", "отказ: status is wrong"),
    ("refused: /code is something else", "отказ: в /code стоит что-то другое"),
    (
        "authentication failed: status 401: an error without words",
        "вход не принят: ответ с кодом 401: ошибка без пояснения"
    ),
    ("it redirects elsewhere (status 302)", "перенаправляет на другой адрес (ответ с кодом 302)"),
    ("the answer is larger than 7 bytes", "слишком большой ответ, больше 7 байт"), ("call me now", "call me now"),
    ("exit status 3: disk full", "код завершения 3: disk full"),
])
func `what is put together of reasons is in Russian as far as it is ours`(reason: String, russian: String) throws {
    #expect(try reader(.ru).reason(reason) == russian)
}
