// Persons in what providers say of errors: of every provider, in every form that its errors have.

import ParcelCore
import ParcelProviders
import Testing

private let person = "Получатель Мандельштам Осип, Mandelbaum +7 916 123-45-67, ul. Lomonossowa 3, паспорт 4509 123456"
private let marks = [
    "Мандельштам", "Осип", "Mandelbaum", "916", "123", "45", "67", "Lomonossow", "4509", "3,", "@",
]

private func fault(_ kind: String, _ words: String) -> String {
    """
    <S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body><S:Fault><S:Code><S:Value>S:Receiver</S:Value>\
    </S:Code><S:Reason><S:Text xml:lang="en">\(words)</S:Text></S:Reason><S:Detail>\
    <n:\(kind) xmlns:n="http://russianpost.org/operationhistory/data">\(words)</n:\(kind)></S:Detail></S:Fault>\
    </S:Body></S:Envelope>
    """
}

/// The error with the person in it, and what of it is kept all the same.
private let errors: [(provider: String, status: Int, body: String, kept: String)] = [
    ("litemf", 200, #"{"status":"error","error":{"code":1104,"message":"\#(person), не найден"}}"#, "1104"),
    ("litemf", 200, #"{"status":"error","message":"not found: \#(person)"}"#, "not found"),
    (
        "shiptor", 200, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"InvalidNumber \#(person)"}}"#,
        "-32602"
    ),
    (
        "shiptor", 200, #"{"jsonrpc":"2.0","id":1,"result":{"status":"error","message":"Bad request: \#(person)"}}"#,
        "Bad request"
    ),
    ("shiptor", 200, #"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"\#(person)"}}"#, "-32603"),
    (
        "otcommerce", 200,
        #"{"ErrorCode":"InternalError","SubErrorCode":"Mandelbaum","ErrorDescription":"\#(person)"}"#, "InternalError"
    ),
    (
        "otcommerce", 200,
        #"{"ErrorCode":"AccessDenied","SubErrorCode":"InvalidSignature","ErrorDescription":"\#(person)"}"#,
        "AccessDenied/InvalidSignature"
    ),
    ("17track", 200, #"{"code":-18010002,"data":{"errors":[{"code":-18010002,"message":"\#(person)"}]}}"#, "-18010002"),
    (
        "17track", 200,
        #"{"code":0,"data":{"accepted":[],"rejected":[{"number":"RR123456785CN","error":{"code":-18010012,"message":"\#(person)"}}]}}"#,
        ""
    ),
    (
        "17track", 200,
        #"{"code":0,"data":{"accepted":[],"rejected":[{"number":"RR123456785CN","error":{"code":-18019911,"message":"\#(person)"}}]}}"#,
        "-18019911"
    ),
    ("kuaidi100", 200, #"{"result":false,"returnCode":"500","message":"\#(person)"}"#, ""),
    ("kuaidi100", 200, #"{"result":false,"returnCode":"503","message":"签名 \#(person)"}"#, "503"),
    ("cdek", 400, #"{"errors":[{"code":"v2_bad_request","message":"\#(person)"}]}"#, "v2_bad_request"),
    ("cdek", 401, #"{"error":"invalid_client","error_description":"\#(person)"}"#, "invalid_client"),
    ("cainiao", 200, #"{"success":false,"errorCode":"SYSTEM_ERROR","errorMsg":"\#(person)"}"#, "SYSTEM_ERROR"),
    ("russianpost", 500, fault("AuthorizationFaultReason", person), "AuthorizationFaultReason"),
    ("russianpost", 500, fault("OperationHistoryFaultReason", "Формат \(person)"), ""),
    ("russianpost", 500, fault("SomethingElse", person), "SomethingElse"),
    ("generic", 401, #"{"error":"\#(person)"}"#, "401"),
    ("generic", 200, #"{"error":"\#(person)"}"#, ""),
    ("generic", 403, #"<html>\#(person)</html>"#, "403"),
    ("litemf", 500, #"{"error":{"code":1,"message":"\#(person)"}}"#, "500"),
    ("otcommerce", 403, "<html>\(person)</html>", "403"),
]

@Test(arguments: errors)
func `a person in a provider's error is not kept, and its code is`(
    name: String, status: Int, body: String, kept: String
) throws {
    let pointers: [String: SettingValue] = name == "generic" ? ["answer.error": .text("/error")] : [:]
    let provider = try provider(name, pointers)
    let numbers = ["cdek": "1100285492", "kuaidi100": "SF1234567890123"]
    let number = try #require(TrackNumber(numbers[name] ?? "RR123456785CN"))
    let following = provider.ask(following: FollowedNumber(number, role: nil))
    let asks = provider.lists.prefix(1).map(\.ask) + (following.map { [$0] } ?? [])
    #expect(!asks.isEmpty)
    for ask in asks {
        let played = try play(provider, ask) { _, _ in HTTPResponse(status: status, body: Array(body.utf8)) }
        let told: String
        switch played.result {
        case .failure(let error): told = "\(error) \(error.reason)"
        case .success(let report): told = "\(report.snapshots) \(report.rejected) \(report.notFound)"
        }
        for mark in marks where !mark.isEmpty {
            #expect(!told.replacing(number.description, with: "").contains(mark), "\(told)")
        }
        #expect(told.contains(kept), "\(told)")
    }
}
