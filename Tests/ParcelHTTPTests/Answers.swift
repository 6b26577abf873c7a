// Bytes of answers, and of bodies in each compression, made by hand so that no compressor is needed.

enum Answer {
    static func of(
        _ status: String = "200 OK", headers: [String] = [], body: [UInt8] = Array("hello".utf8), keepAlive: Bool = true
    ) -> Act {
        let lines =
            ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.count)"]
            + (keepAlive ? [] : ["Connection: close"])
        return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    }

    static let plain = of()

    /// A head that promises more than what will come.
    static func head(_ lines: String...) -> Act {
        .text((["HTTP/1.1 200 OK"] + lines).joined(separator: "\r\n") + "\r\n\r\n")
    }
}

enum Compressed {
    /// `hello`, stored.
    static let gzip: [UInt8] =
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 5, 0, 0xFA, 0xFF] + Array("hello".utf8) + [
            0x86, 0xA6, 0x10, 0x36, 5, 0, 0, 0,
        ]

    /// `hello` in one uncompressed meta-block.
    static let brotli: [UInt8] = [0x0B, 0x02, 0x80] + Array("hello".utf8) + [0x03]

    /// `hello` in one raw block of a single-segment frame.
    static let zstandard: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x29, 0, 0] + Array("hello".utf8)

    /// Zeros: one literal, then copies of 258 bytes from one byte before, in one block of fixed Huffman codes.
    static func gzipBomb(copies: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        var current: UInt8 = 0
        var filled = 0
        func put(_ bits: String) {
            for bit in bits {
                if bit == "1" { current |= 1 << filled }
                filled += 1
                if filled == 8 {
                    bytes.append(current)
                    (current, filled) = (0, 0)
                }
            }
        }
        put("1" + "10")  // the last block, fixed codes
        put("00110000")  // literal 0
        for _ in 0..<copies { put("11000101" + "00000") }  // length 258, distance 1
        return bytes
    }

    /// Zeros in run-length blocks of 128 KiB, four bytes each.
    static func zstandardBomb(blocks: Int) -> [UInt8] {
        let header = UInt32(128 << 10) << 3 | 1 << 1
        let block = [UInt8(header & 0xFF), UInt8(header >> 8 & 0xFF), UInt8(header >> 16 & 0xFF), 0]
        return [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58] + Array([[UInt8]](repeating: block, count: blocks).joined())
    }
}
