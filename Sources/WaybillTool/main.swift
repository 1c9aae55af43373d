import Glibc
import WaybillCommands

exit(WaybillCommand.main(CommandLine.arguments))
