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

@Test(arguments: [
    ("-18010012", true), ("0", true), ("v2_entity_not_found_im_number", true), ("ValidationError", true),
    ("E1042", true),
    ("NotFound", true), ("forbidden", true), ("ERR.17/a", true), ("9161234567", false), ("+79161234567", false),
    ("4509 123456", false), ("Mandelbaum", false), ("Иванова", false), ("Ossip Mandelbaum", false), ("", false),
    (String(repeating: "x_", count: 40), false),
])
func `an error's code has the form of one`(text: String, isCode: Bool) {
    #expect(errorCode(text) == (isCode ? text : nil))
}

@Test func `a text without end is read to its limit`() {
    #expect(knownWords(of: String(repeating: "error ", count: 100_000)).count < 2100)
}
