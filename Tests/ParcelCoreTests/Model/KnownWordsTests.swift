import ParcelCore
import Testing

private let kept: [(said: String, kept: String)] = [
    ("Not authorized", "Not authorized"), ("Access denied.", "Access denied."), ("Сессия истекла", "Сессия истекла"),
    (
        "Ошибка авторизации: Превышен лимит количества запросов",
        "Ошибка авторизации: Превышен лимит количества запросов"
    ),
    ("The phone number's last four digits are needed.", "The phone number's last four digits are needed."),
    ("InvalidNumber", "InvalidNumber"), ("retry_after", "retry_after"), ("  bad \n\t key ", "bad key"),
    ("查询无结果，请隔段时间再查", "查询无结果，请隔段时间再查"), ("key缺失", "key缺失"),
    ("The key <secret> is not valid", "The key <secret> is not valid"),
]

@Test(arguments: kept)
func `what speaks of an error is kept`(said: String, kept: String) { #expect(knownWords(of: said) == kept) }

private let dropped: [(said: String, kept: String)] = [
    ("Получатель Иванова Мария, +7 912 345-67-89, не найден", "Получатель … не найден"),
    ("Иванова Мария", ""), ("Ivanova, 4509 123456, is not allowed", "… is not allowed"),
    ("order of Mandelbaum (ul. Lomonossowa 3, 101000)", "order of …"),
    ("收件人张三的电话13800138000不正确", "收件人 … 的电话 … 不正确"), ("张三", ""),
    ("mandelbaum@mail.example: user unknown", "… mail … user unknown"),
    ("user=Mandelbaum&phone=9161234567", "user … phone …"), ("OssipMandelbaum not found", "… not found"),
    ("Man\u{301}delbaum not found", "… not found"), ("phone:+79161234567", "phone …"), ("12 3", ""), ("", ""),
    ("İvanova 𝟗𝟏𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕 ٩١٦", ""), ("key Map<Ivanova>[3]", "key …"),
]

@Test(arguments: dropped)
func `a person's name, phone, address or number is not`(said: String, kept: String) {
    #expect(knownWords(of: said) == kept)
}

/// What the documentation of the providers, of SOAP, of SMTP and of HTTP clients shows.
@Test(arguments: [
    "0", "404", "1104", "-32602", "-99999", "-18010012", "-18019911", "5.7.1", "2.0.0", "Ok", "SessionExpired",
    "AccessDenied", "MissingTimestamp", "MissingSignature", "InvalidTimestamp", "InvalidSignature", "InstanceKeyBan",
    "ValidationError", "NotFound", "AlreadyExists", "BatchError", "InternalError", "AccessDenied/InvalidSignature",
    "v2_token_expired", "v2_entity_not_found", "v2_entity_forbidden", "v2_entity_not_found_im_number",
    "v2_authorization_incorrect", "v2_similar_request_still_processed", "v2_parameters_empty", "v2_order_not_found",
    "v2_order_forbidden", "v2_invalid_value_type", "v2_invalid_format", "v2_internal_error", "v2_field_is_empty",
    "v2_entity_invalid", "v2_bad_request", "invalid_client", "invalid_request", "unsupported_grant_type",
    "SYSTEM_ERROR", "PARAM_ERROR", "RGV587_ERROR", "FAIL_SYS_USER_VALIDATE", "MAX_REQUEST_PER_SEC", "forbidden",
    "AuthorizationFaultReason", "OperationHistoryFaultReason", "LanguageFaultReason", "S:Receiver", "SOAP-ENV:Server",
    "env:Sender", "validation_error", "ERR_CONNECTION_REFUSED", "ERR.17/a", "E1042", "ORA-00942", "HTTPError",
    "http-500",
    "retry_after",
])
func `an error's code is kept`(code: String) { #expect(errorCode(code) == code) }

@Test(arguments: [
    "OssipMandelbaum", "ivan_petrov", "Mandelbaum-1985", "8495123", "9161234567", "+79161234567", "-79161234567",
    "4509 123456", "4509-123456", "12.03.85", "12.03.1985", "Mandelbaum", "mandelbaum", "MANDELBAUM", "Иванова",
    "Ossip Mandelbaum", "", "-", "._", "ivanov85", "IVANOV", "IVAN", "IVAN-1985", "IVAN_PETR_ERROR", "A123BC77",
    "MP1234567",
    "notFound_Mandelbaum", "recipient:Mandelbaum", "error-9161234", "Im.Error", "O.Mandelbaum", "mandelbaum.example",
    "LeeKim",
    String(repeating: "error_", count: 40),
])
func `what may be a name, a phone, a date or a document is no code`(text: String) { #expect(errorCode(text) == nil) }

@Test func `a text without end is read to its limit`() {
    #expect(knownWords(of: String(repeating: "error ", count: 100_000)).count < 2100)
}
