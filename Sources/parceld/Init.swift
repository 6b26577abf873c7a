// `parceld init`: a first configuration from five answers, on a terminal or by flags. What is written is in Setup.swift.

import ArgumentParser
import Foundation
import ParcelChannels
import ParcelConfig
import ParcelCore
import ParcelProviders
import ParcelService
import ParcelStore

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a first configuration and its secrets, from five answers.",
        discussion: """
            On a terminal it asks what no flag answers; elsewhere every answer is a flag. Secrets are typed unseen or read
            from files, and never given as arguments, which everybody on the machine can see. Exit status: 0; 64 where an
            answer is missing or wrong, 66 where a file cannot be read, 73 where something is there already, 130 after
            Ctrl-C: then nothing was written.
            """)

    @Option(help: ArgumentHelp("Where the configuration is written.", valueName: "folder"))
    var output = "/etc/parceld"
    @Flag(help: "Replace what is there, and keep a dated copy of it.")
    var force = false
    @Option(help: ArgumentHelp("Where the mirror is kept.", valueName: "file"))
    var database = "/var/lib/parceld/parceld.sqlite"

    @Option(help: ArgumentHelp("1. ru or en: of the messages.", valueName: "language"))
    var language: String?

    @Option(help: ArgumentHelp("2. The shop's address, if not otapi.net.", valueName: "url"))
    var shopURL: String?
    @Option(help: ArgumentHelp("The shop's operator.", valueName: "name"))
    var shopLogin: String?
    @Option(help: ArgumentHelp("Holds the shop's key (instanceKey).", valueName: "file"))
    var shopKeyFile: String?
    @Option(help: ArgumentHelp("Holds the operator's password.", valueName: "file"))
    var shopPasswordFile: String?
    @Option(help: ArgumentHelp("Holds the secret that signs requests, if the key has one.", valueName: "file"))
    var shopSecretFile: String?
    @Flag(help: "There is no such shop, only partners.")
    var noShop = false

    @Option(help: ArgumentHelp("3. Holds the key of LiteMF.", valueName: "file"))
    var litemfKeyFile: String?
    @Option(help: ArgumentHelp("LiteMF's address, if another.", valueName: "url"))
    var litemfURL: String?
    @Option(help: ArgumentHelp("Holds the token of Shiptor.", valueName: "file"))
    var shiptorTokenFile: String?
    @Option(help: ArgumentHelp("Shiptor's address, if another.", valueName: "url"))
    var shiptorURL: String?
    @Flag(help: "There are no partners, only a shop.")
    var noPartners = false

    @Option(help: ArgumentHelp("4. Holds the token of the Telegram bot.", valueName: "file"))
    var telegramTokenFile: String?
    // A group's id begins with a minus sign.
    @Option(parsing: .unconditional, help: ArgumentHelp("The chat that is told.", valueName: "id"))
    var telegramChat: String?
    @Option(help: ArgumentHelp("The Bot API's address, if another.", valueName: "url"))
    var telegramURL: String?
    @Option(help: ArgumentHelp("Or the mail server, such as smtp://mail.example:587.", valueName: "url"))
    var mailServer: String?
    @Option(help: ArgumentHelp("Who sends.", valueName: "address"))
    var mailFrom: String?
    @Option(help: ArgumentHelp("Who is told.", valueName: "address"))
    var mailTo: String?
    @Option(help: ArgumentHelp("The mail server's login, if it wants one.", valueName: "name"))
    var mailUser: String?
    @Option(help: ArgumentHelp("Holds its password.", valueName: "file"))
    var mailPasswordFile: String?

    @Option(help: ArgumentHelp("5. When messages may come, such as 09:00-18:00.", valueName: "hours"))
    var hours: String?
    @Option(help: ArgumentHelp("Of these hours, such as Europe/Moscow.", valueName: "zone"))
    var zone: String?

    func run() throws {
        do {
            var asking = Asking(flags: self)
            let setup = try asking.setup()
            try setup.write(force: force)
        } catch is Interrupted {
            tell("")
            fail("nothing was written", status: 130)
        }
    }

    func validate() throws {
        if telegramTokenFile != nil, mailServer != nil {
            throw ValidationError("--telegram-token-file and --mail-server exclude each other")
        }
        if noShop, shopKeyFile != nil { throw ValidationError("--no-shop and --shop-key-file exclude each other") }
        if noPartners, litemfKeyFile ?? shiptorTokenFile != nil {
            throw ValidationError("--no-partners and a partner's key exclude each other")
        }
    }
}

/// From flags and answers to a setup.
private struct Asking {
    let flags: Init
    let terminal: Terminal? = Terminal.isThere ? Terminal() : nil
    var language = Language.en
    var missing: [String] = []

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
        let isGiven = flags.shopKeyFile ?? flags.shopLogin ?? flags.shopPasswordFile ?? flags.shopURL != nil
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
    }

    private mutating func askChannel(_ setup: inout Setup) throws {
        if flags.mailServer == nil {
            let isGiven = flags.telegramTokenFile ?? flags.telegramChat != nil
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
