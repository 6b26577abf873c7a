// The forms of HTTP dates and waits, read and refused.

import ParcelCore
import Testing

struct RetryAfterTests {
    static let dates: [(text: String, milliseconds: Int64?)] = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777_000),
        ("Sun Nov  6 08:49:37 1994", 784_111_777_000),
        ("Sun Nov 16 08:49:37 1994", 784_975_777_000),
        ("sun, 06 nov 1994 08:49:37 gmt", 784_111_777_000),
        ("  Sun, 6 Nov 1994 08:49:37 UTC ", 784_111_777_000),
        ("Sun, 06 Nov 1994 08:49:37 +0000", 784_111_777_000),
        ("Sun, 06-Nov-1994 08:49:37 GMT", 784_111_777_000),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1000),
        ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400_000),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800_000),  // a leap second is the next day's first
        ("Saturday, 01-Jan-69 00:00:00 GMT", 3_124_224_000_000),  // 2069
        ("Thursday, 01-Jan-70 00:00:00 GMT", 0),  // 1970
        ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777_000),  // the day's name is not compared
        ("Wed, 29 Feb 2001 00:00:00 GMT", nil),
        ("Sun, 31 Apr 1994 08:49:37 GMT", nil),
        ("Sun, 00 Nov 1994 08:49:37 GMT", nil),
        ("Sun, 06 Foo 1994 08:49:37 GMT", nil),
        ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
        ("Sun, 06 Nov 1994 08:60:00 GMT", nil),
        ("Sun, 06 Nov 1994 08:49:61 GMT", nil),
        ("Sun, 06 Nov 1994 08:49 GMT", nil),
        ("Sun, 06 Nov 1994 8:49:37 GMT", nil),
        ("Sun, 06 Nov 1994 08:49:37", nil),
        ("Sun, 06 Nov 1994 08:49:37 MSK", nil),
        ("Sun, 06 Nov 1994 08:49:37 +0300", nil),
        ("Sun, 06 Nov 94000 08:49:37 GMT", nil),
        ("Xxx, 06 Nov 1994 08:49:37 GMT", nil),
        ("06 Nov 1994 08:49:37 GMT", nil),
        ("1994-11-06T08:49:37Z", nil),
        ("Sun, 06 Nov 1994 08:49:37 GMT GMT", nil),
        ("Вс, 06 Nov 1994 08:49:37 GMT", nil),
        ("", nil),
        (",,,,,", nil),
    ]

    @Test(arguments: dates)
    func `an HTTP date is read in its three forms and nothing else`(text: String, milliseconds: Int64?) {
        #expect(httpDate(text) == milliseconds.map { Timestamp(milliseconds: $0) })
    }

    static let waits: [(value: String, wait: Duration?)] = [
        ("120", .seconds(120)),
        ("0", .zero),
        (" 007\t", .seconds(7)),
        ("999999999", .days(3653)),
        ("99999999999999999999999", .days(3653)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(37)),
        ("Sunday, 06-Nov-94 08:50:00 GMT", .seconds(60)),
        ("Sun Nov  6 08:49:00 1994", .zero),
        ("Sun, 06 Nov 1994 08:48:00 GMT", .zero),  // passed already
        ("Fri, 01 Jan 9999 00:00:00 GMT", .days(3653)),
        ("-5", nil),
        ("+5", nil),
        ("1.5", nil),
        ("5 s", nil),
        ("1 2", nil),
        ("١٢", nil),
        ("soon", nil),
        ("", nil),
        ("   ", nil),
    ]

    @Test(arguments: waits)
    func `a wait is never negative and never longer than ten years`(value: String, wait: Duration?) {
        let now = Timestamp(seconds: 784_111_740)  // 08:49:00
        #expect(retryAfter(value, now: now) == wait)
    }
}
