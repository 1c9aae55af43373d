import WaybillDiagnostics
import WaybillSyntax

/// Credentials as containers and instances lend them: a JSON object with `AccessKeyId`, `SecretAccessKey`, `Token` and `Expiration`.
enum LentCredentials {
  /// Reads the answer; its bytes are never repeated in an error.
  static func read(_ bytes: [UInt8], from whose: String) throws(DatasetError) -> S3Credentials {
    var texts: [String: String] = [:]
    let isObject = bytes.withUnsafeBytes { raw -> Bool in
      var scanner = JSONScanner(raw)
      do throws(JSONFault) {
        var progress = try scanner.beginObject()
        while let key = try scanner.nextKey(&progress) {
          let name = key.makeString()
          if try scanner.peekKind() == .string {
            texts[name] = try scanner.string().makeString()
          } else {
            _ = try scanner.skipValue()
          }
        }
        return true
      } catch { return false }
    }
    guard isObject, let access = texts["AccessKeyId"], let secret = texts["SecretAccessKey"], !access.isEmpty, !secret.isEmpty
    else {
      throw DatasetError(.unavailable, "\(whose) are not what was expected: a JSON object with AccessKeyId and SecretAccessKey")
    }
    // Without an end that can be read they are asked for again soon.
    let end = texts["Expiration"].flatMap { S3Time(iso: $0) } ?? S3Time(seconds: S3Time.now.seconds + 900)
    return S3Credentials(
      accessKey: access, secretKey: Secret(secret), token: texts["Token"].map { Secret($0) }, expirySeconds: end.seconds)
  }
}
