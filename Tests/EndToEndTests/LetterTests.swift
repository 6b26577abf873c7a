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
}
