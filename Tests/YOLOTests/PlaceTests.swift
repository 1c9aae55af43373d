import Testing

@testable import WaybillYOLO
