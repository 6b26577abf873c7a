// The user's own templates: the files of a folder. Whether they are good is decided where texts are made.

import Foundation

package struct HostTemplates: Sendable, Hashable {
    /// By the file's name.
    package var texts: [String: String] = [:]
    /// What is there and cannot be read, or the folder itself; with the reason.
    package var unreadable: [String: String] = [:]
}

/// Reads each `*.mustache` of a folder as it is now; others are no templates.
package func readTemplates(in folder: String) -> HostTemplates {
    var found = HostTemplates()
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        found.unreadable[folder] = "the folder cannot be read"
        return found
    }
    for name in names where name.hasSuffix(".mustache") && !name.hasPrefix(".") {
        let url = URL(fileURLWithPath: folder).appendingPathComponent(name).resolvingSymlinksInPath()
        let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
        // A pipe would be waited for, and a huge file read into memory.
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            (attributes?[.size] as? NSNumber).map({ $0.intValue <= 1 << 20 }) == true,
            let data = FileManager.default.contents(atPath: url.path)
        else {
            found.unreadable[name] = "the file cannot be read"
            continue
        }
        if let text = String(data: data, encoding: .utf8) {
            found.texts[name] = text
        } else {
            found.unreadable[name] = "the file is not UTF-8"
        }
    }
    return found
}
