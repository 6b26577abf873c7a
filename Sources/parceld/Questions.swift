// The five questions of `parceld init`: what no flag answers is asked on a terminal, and what is answered in vain is refused.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelProviders
import ParcelStore

/// From flags and answers to a setup.
struct Asking {
    let flags: Init
    private let terminal: Terminal? = Terminal.isThere ? Terminal() : nil
    private var language = Language.en
    private var missing: [String] = []

    init(flags: Init) { self.flags = flags }

    func say(_ russian: String, _ english: String) -> String { language == .ru ? russian : english }

    mutating func setup() throws -> Setup {
        // What is there already is told before anybody is asked.
        try Setup.refuse(in: flags.output, unless: flags.force)
        let words = "1/5  Язык сообщений, ru или en / language of the messages, ru or en"
        let name = try value(flags.language, "--language", words, standard: "ru") {
            Language(rawValue: $0) == nil ? "ru / en" : nil
        }
        language = Language(rawValue: name) ?? .en
        var setup = Setup(folder: flags.output, database: flags.database, language: language)
        try askShop(&setup)
        try askPartners(&setup)
        if setup.providers.isEmpty, missing.isEmpty {
            throw ValidationError(
                "a shop or a partner is needed: --shop-key-file, --litemf-key-file or --shiptor-token-file")
        }
        try askChannel(&setup)
        setup.hours = try value(
            flags.hours, "--hours",
            say("5/5  Когда можно писать (часы рабочих дней)", "5/5  When messages may come (hours of working days)"),
            standard: "09:00-18:00"
        ) { mistake("recipients: [{hours: @}]", $0) }
        setup.zone = try value(
            flags.zone, "--zone", say("Часовой пояс", "Time zone"), standard: "Europe/Moscow"
        ) { name in
            do throws(ZoneError) { _ = try readZone(name, in: "/usr/share/zoneinfo") } catch { return "\(error)" }
            return nil
        }
        guard missing.isEmpty else {
            throw ValidationError("this is no terminal to ask on: give \(missing.joined(separator: ", ")) too")
        }
        return setup
    }

    private mutating func askShop(_ setup: inout Setup) throws {
        let isGiven = !flags.shopFlags.isEmpty
        let hasPartner = flags.litemfKeyFile ?? flags.shiptorTokenFile != nil
        if flags.noShop || (terminal == nil && !isGiven && hasPartner) { return }
        let key = try secret(
            flags.shopKeyFile, "--shop-key-file",
            say(
                "2/5  Ключ магазина OT Commerce (instanceKey; пусто: магазина нет)",
                "2/5  Key of the OT Commerce shop (instanceKey; empty: there is no shop)"), optional: !isGiven)
        guard !key.isEmpty || terminal == nil else { return }
        let url = try value(
            flags.shopURL, nil, say("Адрес магазина", "Address of the shop"),
            standard: isGiven ? "" : "https://otapi.net/service-json"
        ) { mistake("providers: {otcommerce: {url: @}}", $0) }
        let login = try value(flags.shopLogin, "--shop-login", say("Оператор магазина", "Operator of the shop"))
        let password = try secret(
            flags.shopPasswordFile, "--shop-password-file", say("Пароль оператора", "The operator's password"))
        let signing = try secret(
            flags.shopSecretFile, nil, say("Секрет подписи (пусто: нет)", "Secret that signs requests (empty: none)"),
            optional: true)
        var keys = [Setup.url(url, unless: "https://otapi.net/service-json")].compactMap(\.self)
        keys.append(setup.secret("instance_key", "otcommerce-instance-key", key))
        if !signing.isEmpty { keys.append(setup.secret("secret", "otcommerce-secret", signing)) }
        keys += ["login: \(quoted(login))", setup.secret("password", "otcommerce-password", password)]
        setup.providers.append(("otcommerce", keys))
    }

    private mutating func askPartners(_ setup: inout Setup) throws {
        let isGiven = flags.litemfKeyFile ?? flags.shiptorTokenFile != nil
        if flags.noPartners { return }
        if isGiven || terminal != nil {
            let key = try secret(
                flags.litemfKeyFile, nil, say("3/5  Ключ LiteMF (пусто: нет)", "3/5  Key of LiteMF (empty: none)"),
                optional: true, isAsked: !isGiven)
            if !key.isEmpty {
                let url = try address(flags.litemfURL, "--litemf-url", "litemf")
                setup.providers.append(("litemf", url + [setup.secret("api_key", "litemf-api-key", key)]))
            }
            let token = try secret(
                flags.shiptorTokenFile, nil,
                say("     Токен Shiptor (пусто: нет)", "     Token of Shiptor (empty: none)"),
                optional: true, isAsked: !isGiven)
            if !token.isEmpty {
                let url = try address(flags.shiptorURL, "--shiptor-url", "shiptor")
                setup.providers.append(("shiptor", url + [setup.secret("token", "shiptor-token", token)]))
            }
        }
        try require(flags.litemfURL, "--litemf-url", of: "litemf", "--litemf-key-file", setup)
        try require(flags.shiptorURL, "--shiptor-url", of: "shiptor", "--shiptor-token-file", setup)
    }

    /// What is said of a partner that is not there would be said in vain.
    private func require(
        _ flag: String?, _ name: String, of partner: String, _ key: String, _ setup: Setup
    ) throws {
        guard flag != nil, !setup.providers.contains(where: { $0.name == partner }) else { return }
        throw ValidationError("\(name) is of no use without \(key)")
    }

    private mutating func askChannel(_ setup: inout Setup) throws {
        if flags.mailFlags.isEmpty {
            let isGiven = !flags.telegramFlags.isEmpty
            let token = try secret(
                flags.telegramTokenFile, "--telegram-token-file (or --mail-server)",
                say(
                    "4/5  Токен бота Telegram от @BotFather (пусто: почта)",
                    "4/5  Token of the Telegram bot from @BotFather (empty: mail)"), optional: !isGiven)
            if !token.isEmpty || terminal == nil {
                let chat = try value(
                    flags.telegramChat, "--telegram-chat",
                    say("Номер чата, например -1001234567890", "Id of the chat, such as -1001234567890")
                ) { mistake("channels: {telegram: {type: telegram, chat: @}}", $0) }
                let url = try address(flags.telegramURL, "--telegram-url", nil)
                setup.channel = (
                    "telegram", url + [setup.secret("token", "telegram-token", token), "chat: \(quoted(chat))"]
                )
                return
            }
        }
        try askMail(&setup)
    }

    private mutating func askMail(_ setup: inout Setup) throws {
        let isGiven = flags.mailServer != nil
        let server = try value(
            flags.mailServer, "--mail-server",
            say("Почтовый сервер, например smtp://mail.example:587", "Mail server, such as smtp://mail.example:587")
        ) { mistake("channels: {mail: {type: mail, url: @}}", $0) }
        let from = try value(flags.mailFrom, "--mail-from", say("Отправитель", "Sender")) {
            mistake("channels: {mail: {type: mail, from: @}}", $0)
        }
        let to = try value(flags.mailTo, "--mail-to", say("Получатель", "Who is told")) {
            mistake("channels: {mail: {type: mail, to: @}}", $0)
        }
        var keys = ["url: \(quoted(server))", "from: \(quoted(from))", "to: \(quoted(to))"]
        let user = try value(
            flags.mailUser, nil, say("Логин на сервере (пусто: нет)", "Login there (empty: none)"), standard: "",
            isAsked: !isGiven)
        if !user.isEmpty {
            let password = try secret(flags.mailPasswordFile, "--mail-password-file", say("Пароль", "Password"))
            keys += ["user: \(quoted(user))", setup.secret("password", "mail-password", password)]
        } else if flags.mailPasswordFile != nil {
            throw ValidationError("--mail-password-file is of no use without --mail-user")
        }
        setup.channel = ("mail", keys)
    }
}

// One answer: a flag, or what is typed, or what is missing.
extension Asking {
    /// - Parameters:
    ///   - name: The flag that is missing where nobody can be asked; nil: it may be left out.
    ///   - isAsked: Whether the terminal asks where the flag is not given.
    private mutating func value(
        _ flag: String?, _ name: String?, _ question: String, standard: String? = nil, isAsked: Bool = true,
        mistake: (String) -> String? = { _ in nil }
    ) throws -> String {
        if let flag {
            if let wrong = mistake(flag) { throw ValidationError("\(name ?? question): \(wrong)") }
            return flag
        }
        if let terminal, isAsked { return try terminal.ask(question, standard: standard, mistake: mistake) }
        if let name { missing.append(name) }
        return standard ?? ""
    }

    private mutating func secret(
        _ file: String?, _ name: String?, _ question: String, optional: Bool = false, isAsked: Bool = true
    ) throws -> String {
        if let file {
            do throws(SecretError) { return try readSecret(at: file).revealed } catch {
                fail("\(file): \(error)", status: 66)
            }
        }
        if let terminal, isAsked { return try terminal.askSecret(question, optional: optional) }
        if let name { missing.append(name) }
        return ""
    }

    /// An address that is never asked for.
    private func address(_ flag: String?, _ name: String, _ provider: String?) throws -> [String] {
        guard let flag else { return [] }
        let form = provider.map { "providers: {\($0): {url: @}}" } ?? "channels: {telegram: {type: telegram, url: @}}"
        if let wrong = mistake(form, flag) { throw ValidationError("\(name): \(wrong)") }
        return ["url: \(quoted(flag))"]
    }
}

/// What the configuration's reader says of a value at the place of the `@`.
private func mistake(_ form: String, _ value: String) -> String? {
    let key = form.split(separator: "@").first?.split(whereSeparator: { " {[".contains($0) }).last?.dropLast() ?? ""
    let text = form.replacing("@", with: quoted(value))
    let problems = readConfig(
        [ConfigFile(nil, Array(text.utf8))], providers: providerKinds.map(\.schema),
        channels: channelKinds.map(\.schema), calendars: []
    ).problems
    return problems.first { $0.path.hasSuffix(".\(key)") || $0.path.contains(".\(key)[") }?.message
}
