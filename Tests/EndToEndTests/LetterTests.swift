import Foundation
import ParcelSim
import Testing

@Suite(.serialized)
struct LetterTests {
    @Test func `letters of Golden Week are ready to send, one for each contact, in what the contact reads`()
        async throws
    {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        try await harness.finish(try harness.start())
        let stalled = ["--at", "2017-10-10T12:00:00+03:00"]
        func letter(_ arguments: String..., status: Int32 = 0) throws -> (output: String, errors: String) {
            let result = try Playground.run(
                Harness.parcelctl,
                ["letter"] + arguments + ["--config", harness.playground.config.path])
            #expect(result.status == status, "\(result.errors)")
            return (result.output, result.errors)
        }
        let russian = try letter("1907-2", stalled[0], stalled[1])
        #expect(russian.output.hasPrefix("Здравствуйте!\n") && russian.output.hasSuffix("Спасибо!\n"))
        for part in [
            "№ 1907-2", "ORD-000001907", "12900", "71148967930433", "U48266", "5 рабочих дней", "сентября 2017",
        ] {
            #expect(russian.output.contains(part), "\(russian.output)")
        }
        #expect(russian.errors.contains("https://ru.litemf.com/ru/support"))
        let chinese = try letter("--contact", "warehouse", stalled[0], stalled[1])
        #expect(chinese.output.contains("商品 1907-2") && chinese.output.contains("5个工作日"), "\(chinese.output)")
        #expect(try letter("1907-2", "--language", "zh").output.contains("麻烦您帮忙查询以下商品的最新情况"))
        #expect(try letter("--all", stalled[0], stalled[1]).output.contains("№ 1907-2"))
        let json = try letter("1907-2", "--json", "--language", "en").output
        let read = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(read.first?["contact"] as? String == "logist" && read.first?["language"] as? String == "en")
        #expect(try letter("1907-7", status: 66).errors.contains("did you mean 1907-1?"))
    }

    @Test func `the user's own templates win, and a broken one is told by check and by an alert`() async throws {
        let harness = try Harness(try Harness.goldenWeek())
        defer { harness.end() }
        let folder = harness.playground.folder.appending(path: "texts")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let config = try String(contentsOf: harness.playground.config, encoding: .utf8)
        try Data(("templates: texts\n" + config).utf8).write(to: harness.playground.config)
        func check() throws -> (status: Int32, output: String, errors: String) {
            try Playground.run(Harness.parceld, ["check", "--config", harness.playground.config.path])
        }
        try write("stall.ru.mustache", "{{heading}}\nПродавец {{seller}} & <мой шаблон>")
        try write("letter.mustache", "{{#groups}}{{#things}}Re: {{order}}{{/things}}{{/groups}}")
        #expect(try check().status == 0)
        try write("refund.mustache", "{{heading}}\n\n{{summ}}")
        let broken = try check()
        #expect(broken.status == 78)
        #expect(broken.errors.contains("refund.mustache: line 3: there is no \"summ\" here"), "\(broken.errors)")
        try await harness.finish(try harness.start())
        let texts = harness.simulator.world.received.map(\.text)
        #expect(texts.contains { $0.contains("4 рабочих дня\nПродавец cosplay假发 & <мой шаблон>") }, "\(texts)")
        #expect(texts.contains { $0.contains("Ваш шаблон «refund.mustache» нельзя использовать") }, "\(texts)")
        #expect(try harness.control("letter", "1907-2").output == "Re: ORD-000001907\n")
    }
}
