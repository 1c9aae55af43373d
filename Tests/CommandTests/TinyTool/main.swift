import Glibc
import TinyFormat
import WaybillCommands
import WaybillFormatSupport

// The tool with one tiny format, so that its commands are tested apart from any real format.
exit(WaybillCommand.main(CommandLine.arguments, registry: FormatRegistry([TinyFormat.self])))
