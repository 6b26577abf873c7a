// `parceld init`: a first configuration from five answers, on a terminal or by flags. What is asked is in Questions.swift,
// what is written in Setup.swift.

import ArgumentParser

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
        try exclude(noShop ? "--no-shop" : nil, shopFlags.first)
        try exclude(noPartners ? "--no-partners" : nil, partnerFlags.first)
        try exclude(telegramFlags.first, mailFlags.first)
    }

    private func exclude(_ one: String?, _ other: String?) throws {
        if let one, let other { throw ValidationError("\(one) and \(other) exclude each other") }
    }
}

// The flags that are given, by what they are about.
extension Init {
    var shopFlags: [String] {
        given([
            "--shop-key-file": shopKeyFile, "--shop-url": shopURL, "--shop-login": shopLogin,
            "--shop-password-file": shopPasswordFile, "--shop-secret-file": shopSecretFile,
        ])
    }

    var partnerFlags: [String] {
        given([
            "--litemf-key-file": litemfKeyFile, "--litemf-url": litemfURL, "--shiptor-token-file": shiptorTokenFile,
            "--shiptor-url": shiptorURL,
        ])
    }

    var telegramFlags: [String] {
        given([
            "--telegram-token-file": telegramTokenFile, "--telegram-chat": telegramChat, "--telegram-url": telegramURL,
        ])
    }

    var mailFlags: [String] {
        given([
            "--mail-server": mailServer, "--mail-from": mailFrom, "--mail-to": mailTo, "--mail-user": mailUser,
            "--mail-password-file": mailPasswordFile,
        ])
    }

    private func given(_ flags: KeyValuePairs<String, String?>) -> [String] {
        flags.compactMap { $0.value == nil ? nil : $0.key }
    }
}
