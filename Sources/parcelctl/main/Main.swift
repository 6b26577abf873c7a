// parcelctl as a program of its own, as a build has it.

import ParcelCommands

@main
enum Main {
    static func main() async { await runParcelctl() }
}
