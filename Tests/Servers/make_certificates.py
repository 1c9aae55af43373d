#!/usr/bin/env python3
"""Makes the certificates that tests of TLS need, with the openssl command: make_certificates.py FOLDER

    ca.pem            the authority that the tests trust
    good.pem/.key     for localhost and 127.0.0.1
    other.pem/.key    for another host
    expired.pem/.key  for localhost, of a time that is over
    unknown.pem/.key  for localhost, from an authority that nobody trusts

The keys are made for the tests of one run and protect nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE_NAMES = "DNS:localhost,IP:127.0.0.1"
# For `openssl ca`, which alone can date a certificate back in OpenSSL 3.0.
AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
x509_extensions = server
[any]
commonName = supplied
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"openssl {' '.join(arguments)}\n{done.stderr}")


def make_key(path: Path) -> None:
    # A curve: an RSA key takes far longer to make.
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path))


class Authority:
    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        folder.mkdir()
        self.certificate, self.key, self.settings = folder / "ca.pem", folder / "ca.key", folder / "settings"
        (folder / "index").touch()
        self.settings.write_text(AUTHORITY.format(folder=folder))
        make_key(self.key)
        openssl("req", "-x509", "-new", "-key", str(self.key), "-out", str(self.certificate), "-days", "3650", "-subj", f"/CN={name}",
                "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def certify(self, place: Path, common_name: str, names: str, since: str, until: str) -> None:
        """Makes PLACE.key and PLACE.pem."""
        key, request, certificate = place.with_suffix(".key"), self.folder / "request", place.with_suffix(".pem")
        make_key(key)
        openssl("req", "-new", "-key", str(key), "-out", str(request), "-subj", f"/CN={common_name}", "-addext", f"subjectAltName={names}")
        openssl("ca", "-batch", "-notext", "-config", str(self.settings), "-cert", str(self.certificate), "-keyfile", str(self.key),
                "-in", str(request), "-out", str(certificate), "-startdate", since, "-enddate", until)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_certificates.py FOLDER")
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    # Fixed days far apart: a clock that is off changes no test.
    valid = ("20240101000000Z", "20440101000000Z")
    with tempfile.TemporaryDirectory() as work:
        ours, theirs = Authority(Path(work, "ours"), "Waybill test authority"), Authority(Path(work, "theirs"), "Unknown test authority")
        ours.certify(target / "good", "localhost", HERE_NAMES, *valid)
        ours.certify(target / "other", "other.example", "DNS:other.example", *valid)
        ours.certify(target / "expired", "localhost", HERE_NAMES, "20200101000000Z", "20210101000000Z")
        theirs.certify(target / "unknown", "localhost", HERE_NAMES, *valid)
        (target / "ca.pem").write_bytes(ours.certificate.read_bytes())


if __name__ == "__main__":
    main()
