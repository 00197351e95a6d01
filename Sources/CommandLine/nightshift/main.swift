import Foundation

Interruption.install()
exit(Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
