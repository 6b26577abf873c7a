// The files of a configuration: the main one, and those of the folder beside it that are laid over it. What is in them is
// read elsewhere.
//
// NAME.yaml has NAME.conf.d/*.yaml; the file that is called parceld.yaml has conf.d/*.yaml.

import Foundation

package struct HostConfig: Sendable {
    package struct File: Sendable, Hashable {
        /// Nil for the main file.
        package var path: String?
        package var bytes: [UInt8]
    }

    /// The main one first, then by name.
    package var files: [File] = []
    /// What is there and cannot be read; nil for the main file.
    package var unreadable: [(path: String?, reason: String)] = []
    /// What may have been meant: its name ends otherwise.
    package var passedOver: [String] = []

    package static func folder(beside path: String) -> String {
        let url = URL(fileURLWithPath: path)
        let name = url.deletingPathExtension().lastPathComponent
        return url.deletingLastPathComponent()
            .appendingPathComponent(name == "parceld" ? "conf.d" : "\(name).conf.d").path
    }

    package init(reading path: String) {
        if let data = FileManager.default.contents(atPath: path) {
            files.append(File(path: nil, bytes: Array(data)))
        } else {
            unreadable.append((nil, "the file cannot be read; name it with --config FILE"))
        }
        readFolder(HostConfig.folder(beside: path))
    }

    private mutating func readFolder(_ folder: String) {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            unreadable.append((folder, "the folder cannot be read"))
            return
        }
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            guard name.hasSuffix(".yaml") else {
                if name.hasSuffix(".yml") { passedOver.append(path) }
                continue
            }
            let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: real)
            // A pipe would be waited for, and a huge file read into memory.
            guard attributes?[.type] as? FileAttributeType == .typeRegular,
                (attributes?[.size] as? NSNumber).map({ $0.intValue <= 2 << 20 }) == true,
                let data = FileManager.default.contents(atPath: real)
            else {
                unreadable.append((path, "the file cannot be read"))
                continue
            }
            files.append(File(path: path, bytes: Array(data)))
        }
    }
}
