// What is kept of the words of others about an error. A provider or a server may write a person's name, phone or address
// into them, and nobody can tell such a word from any other. So only the words that stand here are kept, none of which
// says anything about a person; each other word, and each number, becomes "…". What says more than words is kept apart
// from them: the error's code.

/// The words of the text that are kept, with `…` for what is not; empty where none is.
package func knownWords(of text: String) -> String {
    var kept = ""
    var between = ""
    var isGap = false
    for piece in pieces(text) {
        switch piece {
        case .word(let word) where isKnown(word):
            if isGap {
                kept += kept.isEmpty ? "… " : " … "
            } else {
                kept += kept.isEmpty ? between.filter(openings.contains) : between
            }
            kept += word
            (between, isGap) = ("", false)
        case .word: isGap = true
        case .mark(let mark): if marks.contains(mark) { between.append(mark) }
        case .space: if between.last != " " { between.append(" ") }
        }
    }
    guard !isGap else { return kept.isEmpty ? "" : kept + " …" }
    return kept + between.filter { $0 != " " && !openings.contains($0) }
}

/// An error's code as a machine writes it; nil for what may be a person's name, phone, date or document. Each word in it is
/// a known one, except for one abbreviation (`ORA-00942`, `RGV587_ERROR`), and it has no more digits than errors need.
package func errorCode(_ text: String) -> String? {
    guard (1...64).contains(text.utf8.count),
        text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "_-.:/".utf8.contains($0) })
    else { return nil }
    guard text.utf8.contains(where: isLetter) else { return isNumericCode(text) ? text : nil }
    let digits = text.utf8.count(where: isDigit)
    let parts = codeWords(in: text)
    let unknown = parts.filter { !isCodeWord($0) }
    guard digits <= 6, unknown.count <= 1 else { return nil }
    guard let abbreviation = unknown.first else { return text }
    // Beside a known word four capitals; alone and with a number three, which few names have.
    let isBeside = parts.contains { $0.utf8.count > 2 && $0 != abbreviation }
    guard abbreviation.utf8.allSatisfy({ (65...90).contains($0) }), isBeside || (parts.count == 1 && digits > 0),
        abbreviation.utf8.count <= (isBeside ? 4 : 3)
    else { return nil }
    return text
}

/// The code with which most mail servers begin their words, `5.1.1` (RFC 3463): a class, and two numbers.
package func isMailCode(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && ["2", "4", "5"].contains(parts[0])
        && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(isDigit) }
}

/// Eight digits only after a minus sign, as 17TRACK has them: phones have none.
private func isNumericCode(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let most = text.hasPrefix("-") ? 8 : 6
    return isMailCode(text) || ((1...most).contains(digits.utf8.count) && digits.utf8.allSatisfy(isDigit))
}

/// The runs of letters of a code, parted where a small letter is followed by a capital and where a word follows capitals:
/// `HTTPError` has two.
private func codeWords(in text: String) -> [String] {
    var parts: [String] = []
    var last: UInt8 = 0
    let bytes = Array(text.utf8)
    for (index, byte) in bytes.enumerated() {
        defer { last = byte }
        guard isLetter(byte) else { continue }
        let isCapital = byte <= 90
        let isBeforeSmall = index + 1 < bytes.count && (97...122).contains(bytes[index + 1])
        if !isLetter(last) || (isCapital && (last > 90 || isBeforeSmall)) { parts.append("") }
        parts[parts.count - 1].unicodeScalars.append(Unicode.Scalar(byte))
    }
    return parts
}

/// What stands in codes alone is known in small letters and in capitals, not as a name is written.
private func isCodeWord(_ word: String) -> Bool {
    let plain = word.lowercased()
    return words.contains(plain) || (onlyInCodes.contains(plain) && (word == plain || word == word.uppercased()))
}

private let onlyInCodes = Set(
    """
    abort aborted arg args assertion biz cert cmd conn ctx db dns enum env err exc fatal grant im init int internal msg net
    nonce oauth oom pwd qps req resp rpc sec sql ssl str svc sys tcp tmp v ver verify warn
    """.split(whereSeparator: \.isWhitespace).map(String.init))

private func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) }
private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

/// Marks that may stand between two words that are kept.
private let marks: Set<Character> = Set(".,:;!?()[]<>/+-\"«»，。：；！？（）、")
private let openings: Set<Character> = Set("<([«\"（")
private let longestText = 2000

private enum Piece {
    case word(String)
    case mark(Character)
    case space
}

private func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    var rest = text.prefix(longestText)
    while let first = rest.first {
        if first.isWhitespace {
            pieces.append(.space)
            rest = rest.dropFirst()
        } else if isHan(first) {
            let run = rest.prefix(while: isHan)
            pieces += chineseWords(in: run).map { .word($0) }
            rest = rest[run.endIndex...]
        } else if first.isLetter || first.isNumber || first == "_" {
            let word = rest.prefix { ($0.isLetter || $0.isNumber || "_'’".contains($0)) && !isHan($0) }
            pieces.append(.word(String(word)))
            rest = rest[word.endIndex...]
        } else {
            pieces.append(.mark(first))
            rest = rest.dropFirst()
        }
    }
    return pieces
}

private func isHan(_ character: Character) -> Bool {
    character.unicodeScalars.first.map { (0x3400...0x9FFF).contains($0.value) } ?? false
}

/// Chinese is written without spaces: the longest known word at each place, and what stands between them.
private func chineseWords(in run: Substring) -> [String] {
    var words: [String] = []
    var unknown = ""
    var rest = run
    while !rest.isEmpty {
        let longest = stride(from: longestChineseWord, to: 0, by: -1).lazy.map { rest.prefix($0) }
            .first { chinese.contains(String($0)) }
        guard let word = longest else {
            unknown.append(rest.removeFirst())
            continue
        }
        if !unknown.isEmpty { words.append(unknown) }
        unknown = ""
        words.append(String(word))
        rest = rest[word.endIndex...]
    }
    return unknown.isEmpty ? words : words + [unknown]
}

/// Also a name that is put together of known words: `InvalidNumber`, `retry_after`.
private func isKnown(_ word: String) -> Bool {
    let plain = word.lowercased().replacing("’", with: "'")
    if words.contains(plain.hasSuffix("'s") ? String(plain.dropLast(2)) : plain) || chinese.contains(word) {
        return true
    }
    let humps = humps(of: word)
    return humps.count > 1 && humps.allSatisfy { words.contains($0) }
}

/// The words of `InvalidNumber` and `retry_after`, in lower case.
private func humps(of word: String) -> [String] {
    var humps: [String] = []
    var isLower = false
    for character in word {
        if character == "_" {
            isLower = false
            humps.append("")
            continue
        }
        if humps.isEmpty || (character.isUppercase && isLower) { humps.append("") }
        isLower = character.isLowercase
        humps[humps.count - 1] += character.lowercased()
    }
    return humps.filter { !$0.isEmpty }
}

private let words = Set((english + " " + russian).split(whereSeparator: \.isWhitespace).map(String.init))

/// Of the errors that the providers' documentation and the answers of their services show, of HTTP and SMTP.
private let english = """
    a about absent accept acceptable accepted access account accounts action activate activated active add added
    address addresses administrator after again agent alive all allow allowed already also am an and another any
    anymore api app application are argument arguments array as at attempt attempts auth authenticate authenticated
    authentication authorisation authorise authorised authorization authorize authorized available away back backend
    bad balance ban banned barcode batch be because become been before belong belongs below between blacklisted
    block blocked blocks body bot both broken busy but by byte bytes call called calls can can't cancel canceled
    cancelled cannot captcha carrier carriers certificate change changed channel character characters charge charged
    chat check checked checksum choose client clock close closed closing code codes command commands company
    conflict connect connected connection content contract copy correct could couldn't country courier create
    created credentials credit currency current currently customer daily data database date day days deactivated
    delay delayed delete deleted delivery denied deny deprecated description destination detect detected detection
    did didn't different digit digits disabled disallowed disconnected do document does doesn't domain don't down
    duplicate during each edit either else email empty enable enabled encoding encryption end ended endpoint enough
    entities entity entries entry error errors exact exactly exceed exceeded exceeds exception exchange exhausted
    exist existing exists expected expire expired expires expression extra fail failed failing fails failure false
    fault feature fetch few field fields file filter find first flag flood follow followed following for forbidden
    foreign forever form format formats forwarding found four free frequency from full function gateway get given go
    goods got group had handler has have header headers here hidden history host hour hours html http https id
    identifier identifiers ids if illegal in inactive incoming incomplete incorrect info information initialized
    input instance insufficient integer interface internal into invalid ip is isn't it item items its json just key keyboard
    keys kicked known label language last late later least left length less level like limit limited limits line
    lines list load local locked log logged login long longer look looking looks lost made mail mailbox mails
    maintenance malformed mandatory many markup match matches maximum member merchant message messages method
    methods min minimum minute minutes mismatch missing modified moment month more most moved much multiple must
    name names need needed needs network never new next no nobody none not nothing null number numbers object of off
    offset ok old on once one only open operation operator option or order orders other out outdated outgoing over
    own package packages page pages paid param parameter parameters params parcel parcels parse parser part partner
    passed password path pay payload payment peer pending per perhaps period permanent permission permissions
    permitted phone place plain plan platform please point policy possible post prefix present previous privileges
    problem proceed process processed processing product profile property protocol provide provided provider proxy
    query queue queued quota rate rates reach reached read real really reason reasons receive received receiver
    recipient recipients record records redirect refresh refuse refused register registered registration reject
    rejected relay relaying remaining remote removed reply request requested requests require required requires
    reserved reset resource resources response restricted result results retracked retry return returned revoked
    right rights route row rows run same schema scope second seconds secret section secure security see seems send
    sender sending sent separate sequence server service services session sessions set shipment shipments shop short
    should sign signature signed similar since site size slow smtp so soap some something soon sorry source space spam
    specified start started state status step still stock stop stopped storage store string subscription success
    successful successfully such suffix support supported suspended syntax system table tag tags take target task
    temporarily temporary terminated test text than that the their them then there these they this thread throttled
    through ticket time timeout times timestamp tls to today token tokens tomorrow too topic total trace track
    tracked tracking traffic transaction transfer true try trying turned two type types unable unacceptable
    unauthorised unauthorized unavailable undefined under unexisting unexpected unique unknown unpaid unprocessable
    unreachable unreadable unrecognized unregistered unsupported until up update updated updates upgraded upstream
    url us usage use used user users using valid validate validated validation validator value values version via view
    violation wait waiting warehouse warning was way weight were what when where which while who why with within
    without wrong xml year yes yet you your zero zone
    """

private let russian = """
    а авторизации авторизация авторизован авторизоваться адрес адреса аккаунт аккаунта активен активна аргумент баз
    база базы баланс баланса без большая больше будет была были было быть в ваш ваша вашего вашей введен введите
    введён верный версия вес весь возможно возник возникла возникло временно временный время все всего вход входа вы
    выполнен выполнена выполнения выполнить выполняется группа данного данной данные данных дата даты действие
    действителен действительна действия день для дня до добавить добавлен добавлена документ документов должен
    должна должно должны домен допустимо допустимого допустимое допустимый доступ доступа доступе доступен доступна
    доступно доступны другим другого другой его ее если есть еще ещё её же за заблокирован заблокирована завершена
    завершено заголовок задан задана задано заказ заказа заказе заказов заказы закончился закрыт закрыта занят
    занята записи запись запрашиваемый запрещен запрещена запрещено запрещён запрос запроса запросам запросе
    запросов запросу запросы заявка значение значения и из извините изменен изменить изменять изменён или имеет имя
    индекс интеграция интерфейс информации информация исключение используется истек истекла истекло истёк к как
    клиент клиента клиентом ключ ключа код кода количества количество компании компания контроль контрольная
    корректен корректно корректный куда лимит лимита лимитов логин логина максимально максимальное максимум менее
    меньше место метод метода минимум минут минуту много можно на найден найдена найдено найдены накладная накладной
    не невалидный неверен неверная неверно неверное неверные неверный невозможно недействителен недействительна
    недостаточно недоступен недоступна недоступно неизвестен неизвестная неизвестно неизвестный некорректен
    некорректная некорректно некорректное некорректные некорректный нельзя необходимо неправильно неправильный
    несуществующий нет но номер номера номером номеру нужен нужна нужно обмена обновить обновления обработан
    обработана обработке обработки обработку обратитесь объект объекта обязательно обязательное обязательный
    ограничение ограничения один одна одно окончен окончена операции операций операция оплата оплачен оплачена
    организации организация от ответ ответа ответственность отказ отказано отключен отключена отменен отменена
    отправитель отправителя отправить отправка отправление отправлении отправления отправлено отсутствует
    отсутствуют ошибка ошибки ошибку ошибок пакет параметр параметра параметров параметры пароль пароля перегружен
    период по повторите повторно повторный поддерживается позднее позже пока поле полномочий получатель получателя
    получен получена получения получить пользователь пользователя поля попробуйте попытка попыток порядок посылка
    посылки посылку почты прав права правильный превышен превышена превышение превышено при принадлежит принят
    принята присутствует причина проблема проверка проверки проверьте продавец произошла просрочен просрочена
    профиль пуст пуста пустое пустой работ работает работы раз размер разрешен разрешена разрешено разрешён раньше
    регистрации регистрация регламенте результат результатов результаты ресурс с сайт сбой свяжитесь сегодня секунд
    сервер сервера сервере сервис сервиса сессии сессия система системе системы слишком служба службу смените
    сначала снова соединение соединения соединиться создан создана создать сообщение соответствует состояние
    специальный список справочник сработало срок сроком статус статуса страница строка сумма существует текст
    телефон тело технические технический тип типа товар товара товаров токен токена только трек у удален удалена
    удалось удалён уже укажите указан указана указано указаны установленному учетная учетной учётная учётной файл
    фильтр форма формат формата формате функция хватает через число что чтобы элемент эта это этого этот язык языка
    """

private let chinese = Set(
    """
    查询 查询失败 无 无结果 无记录 暂无 请 隔段时间 再 查 稍后 再试 重试 稍后再试 失败 成功 错误 异常 参数 参数错误 数据 提交的数据 不完整 或者 贵公司 没 没有 没授权
    授权 未授权 验证 签名 验证签名失败 服务器 服务器错误 服务器繁忙 系统 系统错误 繁忙 忙 公司 快递公司 快递公司参数异常 编码 单号 快递单号 运单号 不正确 有误 电话 电话号码
    手机号 号码 校验 未通过 校验未通过 缺失 缺少 已 已过期 过期 不存在 无效 不合法 格式 格式错误 余额 余额不足 不足 次数 用完 已用完 超过 超限 限制 频率 过快 过于频繁
    请求 接口 拒绝 禁止 权限 无权限 不支持 未 未找到 找不到 未知 账号 帐号 客户 客户编码 密钥 不能为空 为空 必填 物流 信息 物流信息 订单 包裹 超时 网络 维护 中 的 了
    是 不 被 锁定 已锁定 后 前 今天 明天 收件人 寄件人 后四位 需要 输入 填写 检查 联系 客服
    """.split(whereSeparator: \.isWhitespace).map(String.init))
private let longestChineseWord = chinese.map(\.count).max() ?? 0
