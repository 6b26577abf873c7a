// parceld init: by flags, on a terminal (a pseudo-terminal that python3 holds), and what is left where it ends early.

import Foundation
import ParcelSim
import Testing

/// Answers each question that ends in a colon; prints what the terminal showed and, last, the exit status.
private let pseudoTerminal = """
    import json, os, pty, select, sys
    argv, answers = json.loads(sys.argv[1])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    shown, asked = b"", 0
    while True:
        ready, _, _ = select.select([terminal], [], [], 30)
        try:
            data = os.read(terminal, 4096) if ready else b""
        except OSError:
            data = b""
        if not data:
            if not ready:
                os.kill(pid, 9)
            break
        shown += data
        if shown.endswith(b": ") and len(shown) > asked and answers:
            asked = len(shown)
            os.write(terminal, answers.pop(0).encode())
    print(shown.decode())
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """

extension EmptyFolder {
    fileprivate func type(_ answers: [String], _ arguments: String...) throws -> (shown: String, status: Int) {
        let call = [[Harness.parceld.path] + arguments, answers]
        let json = String(decoding: try JSONSerialization.data(withJSONObject: call), as: UTF8.self)
        let run = try Playground.run(URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", pseudoTerminal, json])
        let lines = run.output.split(separator: "\n")
        return (run.output, Int(lines.last ?? "") ?? -1000)
    }

    /// Flags that answer everything.
    fileprivate func answers(to folder: String) throws -> [String] {
        for name in ["key", "password", "bot"] { try write(name, "hunter-\(name)\n") }
        return [
            "init", "--output", path(folder), "--language", "en", "--shop-key-file", path("key"), "--shop-login",
            "operator: #1", "--shop-password-file", path("password"), "--telegram-token-file", path("bot"),
            "--telegram-chat", "-1001907", "--hours", "09:00-18:00", "--zone", "Europe/Moscow",
        ]
    }
}

private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber).intValue
}

struct InitTests {
    @Test func `flags alone write a configuration that passes the check without a word`() throws {
        let folder = try EmptyFolder()
        let run = try Playground.run(Harness.parceld, try folder.answers(to: "etc"))
        #expect(run.status == 0 && run.errors == "", "\(run.errors)")
        #expect(run.output.contains("systemctl enable --now parceld"))
        #expect(run.output.contains("parcelctl channel test telegram --config \(folder.path("etc/parceld.yaml"))"))
        #expect(
            folder.names("etc") == [
                "parceld.yaml", "secrets", "secrets/otcommerce-instance-key", "secrets/otcommerce-password",
                "secrets/telegram-token",
            ])
        #expect(try folder.text("etc/secrets/telegram-token") == "hunter-bot\n")
        let config = try folder.text("etc/parceld.yaml")
        #expect(
            !config.contains("hunter") && config.contains("login: \"operator: #1\"") && config.contains("\"-1001907\""))
        #expect(try [0o600, 0o640].contains(mode(folder.path("etc/parceld.yaml"))))
        #expect(try mode(folder.path("etc/secrets/telegram-token")) == 0o600)
        #expect(try [0o700, 0o750].contains(mode(folder.path("etc/secrets"))))
        let check = try folder.parceld("check", "--quiet", "--config", folder.path("etc/parceld.yaml"))
        #expect(check.status == 0 && check.errors == "", "\(check.errors)")
    }

    @Test func `what no flag answers is named where nobody can be asked, and nothing is written`() throws {
        let folder = try EmptyFolder()
        let run = try folder.parceld(
            "init", "--output", folder.path("etc"), "--language", "ru", "--hours", "09:00-18:00")
        #expect(run.status == 64)
        for flag in ["--shop-key-file", "--shop-login", "--shop-password-file", "--telegram-chat", "--zone"] {
            #expect(run.errors.contains(flag), "\(run.errors)")
        }
        #expect(!run.errors.contains("--hours"))
        let wrong: [(flag: String, value: String, part: String)] = [
            ("--hours", "18:00-09:00", "ends before it begins"), ("--zone", "Mars/Base", "there is no zone"),
            ("--language", "fr", "--language"), ("--shop-url", "http://shop.example", "http is allowed"),
        ]
        for row in wrong {
            let run = try Playground.run(Harness.parceld, try folder.answers(to: "etc") + [row.flag, row.value])
            #expect(run.status == 64 && run.errors.contains(row.part), "\(row.flag): \(run.errors)")
        }
        let unread = try Playground.run(
            Harness.parceld, try folder.answers(to: "etc") + ["--shiptor-token-file", folder.path("none")])
        #expect(unread.status == 66 && unread.errors.contains("cannot be read"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("etc")))
    }

    static let useless: [(flags: [String], named: [String])] = [
        (["--no-shop", "--shop-url", "https://shop.example"], ["--no-shop", "--shop-key-file"]),
        (["--no-partners", "--litemf-url", "https://l.example"], ["--no-partners", "--litemf-url"]),
        (["--litemf-url", "https://l.example"], ["--litemf-url", "--litemf-key-file"]),
        (["--shiptor-url", "https://s.example"], ["--shiptor-url", "--shiptor-token-file"]),
        (["--mail-to", "a@b.example"], ["--telegram-token-file", "--mail-to"]),
        (["--mail-password-file", "/none"], ["--telegram-token-file", "--mail-password-file"]),
    ]

    @Test(arguments: useless)
    func `a flag that fits no other answer is refused, and nothing is written`(flags: [String], named: [String]) throws
    {
        let folder = try EmptyFolder()
        let run = try Playground.run(Harness.parceld, try folder.answers(to: "etc") + flags)
        #expect(run.status == 64, "\(run)")
        let line = try #require(run.errors.split(separator: "\n").first)
        for flag in named { #expect(line.contains(flag), "\(run.errors)") }
        #expect(!FileManager.default.fileExists(atPath: folder.path("etc")))
    }

    @Test func `a mail password without a login, or a secret without a shop, is refused`() throws {
        let folder = try EmptyFolder()
        try folder.write("key", "hunter-key\n")
        let base = [
            "init", "--output", folder.path("etc"), "--language", "en", "--litemf-key-file", folder.path("key"),
            "--mail-server", "smtp://mail.example:587", "--mail-from", "a@b.example", "--mail-to", "c@b.example",
            "--hours", "09:00-18:00", "--zone", "Europe/Moscow",
        ]
        for (flag, missing) in [
            ("--mail-password-file", "--mail-user"), ("--shop-secret-file", "--shop-key-file"),
        ] {
            let run = try Playground.run(Harness.parceld, base + [flag, folder.path("key")])
            #expect(run.status == 64 && run.errors.contains(missing), "\(run)")
            #expect(!FileManager.default.fileExists(atPath: folder.path("etc")))
        }
        #expect(try Playground.run(Harness.parceld, base).status == 0)
    }

    @Test func `what is there is never replaced, and with force a dated copy of it is kept`() throws {
        let folder = try EmptyFolder()
        let answers = try folder.answers(to: "etc")
        #expect(try Playground.run(Harness.parceld, answers).status == 0)
        try folder.write("etc/parceld.yaml", "mine: true\n")
        let before = folder.names("etc")
        let refused = try Playground.run(Harness.parceld, answers)
        #expect(refused.status == 73 && refused.errors.contains("--force"), "\(refused.errors)")
        #expect(try folder.text("etc/parceld.yaml") == "mine: true\n" && folder.names("etc") == before)
        try FileManager.default.removeItem(atPath: folder.path("etc/parceld.yaml"))
        let secret = try Playground.run(Harness.parceld, answers)
        #expect(secret.status == 73 && secret.errors.contains("secrets/"), "\(secret.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("etc/parceld.yaml")))
        try folder.write("etc/parceld.yaml", "mine: true\n")
        let forced = try Playground.run(Harness.parceld, answers + ["--force"])
        #expect(forced.status == 0 && forced.output.contains("Kept: "), "\(forced)")
        let copy = try #require(folder.names("etc").first { $0.hasPrefix("parceld.yaml.2") })
        #expect(try folder.text("etc/\(copy)") == "mine: true\n")
        #expect(folder.names("etc").count { $0.hasPrefix("secrets/telegram-token") } == 2)
        #expect(try folder.text("etc/parceld.yaml").contains("otcommerce"))
    }

    @Test func `on a terminal it asks five questions, hides secrets, and asks again what is wrong`() throws {
        let folder = try EmptyFolder()
        let run = try folder.type(
            [
                "ru\n", "hunter-key\n", "\n", "operator\n", "hunter-pass\u{7f}\n", "\n", "\n", "hunter-shiptor\n",
                "hunter-bot\n", "-1001907\n", "с девяти\n", "10:00-19:00\n", "Mars/Base\n", "\n",
            ], "init", "--output", folder.path("etc"))
        #expect(run.status == 0, "\(run.shown)")
        #expect(!run.shown.contains("hunter"), "\(run.shown)")
        for number in 1...5 { #expect(run.shown.contains("\(number)/5  "), "\(run.shown)") }
        #expect(!run.shown.contains("6/5") && run.shown.contains("there is no zone Mars/Base"))
        #expect(run.shown.contains("expected hours such as") && run.shown.contains("Записано: "))
        #expect(try folder.text("etc/secrets/otcommerce-password") == "hunter-pas\n")
        let config = try folder.text("etc/parceld.yaml")
        #expect(config.contains("shiptor") && !config.contains("litemf") && config.contains("hours: \"10:00-19:00\""))
        #expect(try folder.parceld("check", "--quiet", "--config", folder.path("etc/parceld.yaml")).errors == "")
    }

    @Test func `mail instead of Telegram, and partners without a shop`() throws {
        let folder = try EmptyFolder()
        let run = try folder.type(
            [
                "en\n", "\n", "hunter-litemf\n", "\n", "\n", "smtp://mail.example:587\n", "shop@shop.example\n",
                "manager@shop.example\n", "shop\n", "hunter-mail\n", "\n", "\n",
            ], "init", "--output", folder.path("etc"))
        #expect(run.status == 0 && !run.shown.contains("hunter"), "\(run.shown)")
        #expect(
            folder.names("etc") == ["parceld.yaml", "secrets", "secrets/litemf-api-key", "secrets/mail-password"])
        #expect(try folder.parceld("check", "--quiet", "--config", folder.path("etc/parceld.yaml")).errors == "")
    }

    @Test func `mail and a partner by flags`() throws {
        let folder = try EmptyFolder()
        try folder.write("token", "hunter-token\n")
        let run = try folder.parceld(
            "init", "--output", folder.path("etc"), "--language", "ru", "--shiptor-token-file", folder.path("token"),
            "--shiptor-url", "http://127.0.0.1:8080/x", "--mail-server", "smtps://mail.example", "--mail-from",
            "a@shop.example", "--mail-to", "b@shop.example", "--hours", "00:00-24:00", "--zone", "Asia/Vladivostok")
        #expect(run.status == 0 && run.errors == "", "\(run.errors)")
        let config = try folder.text("etc/parceld.yaml")
        #expect(config.contains("url: \"http://127.0.0.1:8080/x\"") && config.contains("to: \"b@shop.example\""))
        #expect(try folder.parceld("check", "--quiet", "--config", folder.path("etc/parceld.yaml")).errors == "")
    }

    static let interruptions: [[String]] = [
        ["\u{3}"], ["en\n", "\u{3}"], ["en\n", "hunter-key\n", "\u{3}"],
        ["en\n", "hunter-key\n", "\n", "op\n", "hun\u{3}"],
        ["en\n", "hunter-key\n", "\n", "op\n", "pw\n", "\n", "\n", "\n", "bot\n", "1\n", "\n", "\u{3}"],
        ["en\n", "\u{4}"], ["\u{4}"],
    ]

    @Test(arguments: interruptions)
    func `whoever stops in the middle leaves nothing`(answers: [String]) throws {
        let folder = try EmptyFolder()
        let run = try folder.type(answers, "init", "--output", folder.path("etc"))
        // A key ends it, or the signal does.
        #expect(run.status == 130 || run.status == -2, "\(run.shown)")
        #expect(folder.names("") == [] && !run.shown.contains("hunter"), "\(run.shown)")
    }
}
