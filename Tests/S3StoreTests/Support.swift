import TestSupport
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

@testable import WaybillS3Store

/// A clock that does not wait and remembers how long it should have.
final class PatientClock: Sendable {
  private let state = Lock<(now: Double, pauses: [Double])>((0, []))

  /// The pauses so far, in seconds.
  var pauses: [Double] { state.withLock { $0.pauses } }

  /// The clock for a client.
  var clock: RetryClock {
    RetryClock(
      nowSeconds: { self.state.withLock { $0.now } },
      pause: { (seconds) throws(DatasetError) in
        self.state.withLock {
          $0.now += seconds
          $0.pauses.append(seconds)
        }
      }, random: { 0.5 })
  }
}

/// Keys as they look, which are nobody's.
let testKeys = [
  "AWS_ACCESS_KEY_ID": "CANARYACCESS", "AWS_SECRET_ACCESS_KEY": "canary+secret/key", "AWS_CONFIG_FILE": "/dev/null",
  "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
]

/// A store behind a scripted transport.
func scriptedStore(
  _ transport: ScriptedTransport, clock: RetryClock = PatientClock().clock, variables: [String: String] = testKeys,
  url: String = "s3://bucket/pre/fix", options: S3Options = S3Options(), partSize: Int = 8 << 20
) throws -> S3Store {
  let environment = try AWSEnvironment(variables)
  let place = try S3URL(url)
  let endpoint = try S3Endpoint(bucket: place.bucket, options: options, environment: environment)
  let chain = options.isAnonymous ? nil : CredentialChain(environment, transport)
  return S3Store(
    S3Client(endpoint, chain, transport, clock: clock), prefix: place.prefix, isUnsafe: options.isUnsafe, partSize: partSize)
}

/// The error of a body.
func thrown<Result>(_ body: () throws -> Result) -> DatasetError? {
  do { _ = try body() } catch { return error as? DatasetError }
  return nil
}

/// The error of what is done with a store.
func thrown(_ store: S3Store, _ body: (S3Store) throws -> Void) -> DatasetError? { thrown { try body(store) } }
