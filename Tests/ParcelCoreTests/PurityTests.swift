import Foundation
import Testing

/// The pure targets have no clock, chance, file, network, environment or log: their sources say so.
@Test(arguments: [
    ("ParcelCore", ["ParcelCore"]),
    ("ParcelProviders", ["ParcelCore", "FoundationEssentials", "FoundationXML", "Crypto"]),
    ("ParcelChannels", ["ParcelCore", "FoundationEssentials", "Crypto", "Mustache"]),
    ("ParcelConfig", ["ParcelCore", "Yams"]),
])
func `pure targets import only what they may and ask for no time or chance`(target: String, allowed: [String]) throws {
    let folder = Fixture.root.appending(path: "Sources/" + target)
    let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    #expect(files.count > 3)
    for file in files {
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let code = line.components(separatedBy: "//").first ?? ""
            if let module = code.split(separator: " ").drop(while: { $0 != "import" }).dropFirst().first,
                code.contains(#/^(@[A-Za-z]+ )?([a-z]+ )?import /#)
            {
                #expect(allowed.contains(String(module)), "\(file.lastPathComponent): \(line)")
            }
            for word in ["Date()", "Date.now", ".now", "random", "print", "getenv", "ProcessInfo", "FileManager"] {
                guard let found = code.range(of: word) else { continue }
                let before = code[..<found.lowerBound].last
                let after = code[found.upperBound...].first
                // A word of its own that is called: `Fingerprint(` and a value named print are not meant.
                let isCall =
                    word.hasSuffix(")") || (before?.isLetter != true && after == "(") || word.first?.isUppercase == true
                let isClock = word == ".now" && before.map { !$0.isLetter } == true
                #expect(!(word == ".now" ? isClock : isCall), "\(file.lastPathComponent): \(line)")
            }
        }
    }
}
