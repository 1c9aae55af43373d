"""Moto's server, which keeps what AWS's rules are, with checks of signatures and of policies turned on."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from server_process import Failure, ProcessList, free_port

GROUP = "moto"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def start(processes: ProcessList, program: Path) -> str:
    """Starts the server, and does not wait for it; gives its address."""
    if not program.exists():
        raise Failure(f"{program} is not there; run Scripts/s3-servers install")
    folder = processes.folder / GROUP
    temporary = folder / "temporary"
    temporary.mkdir(parents=True)
    port = free_port()
    environment = os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    processes.start(GROUP, "moto", [program, "-H", "127.0.0.1", "-p", str(port)], environment)
    return f"http://127.0.0.1:{port}"


def set_up(processes: ProcessList, address: str) -> dict[str, str]:
    """Waits for the server, makes a user that may do all and one that may do nothing, and turns the checks on; gives the lines for servers.env."""
    processes.wait_for(GROUP, f"{address}/moto-api/")
    lines = {"WAYBILL_S3_MOTO": address}
    for name, prefix in (("waybill", "WAYBILL_S3_MOTO"), ("other", "WAYBILL_S3_MOTO_OTHER")):
        manage(address, Action="CreateUser", UserName=name)
        if name == "waybill":
            manage(address, Action="PutUserPolicy", UserName=name, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))
        made = manage(address, Action="CreateAccessKey", UserName=name)
        for part, element in (("ACCESS", "AccessKeyId"), ("SECRET", "SecretAccessKey")):
            found = re.search(f"<{element}>([^<]+)</{element}>", made)
            if not found:
                raise Failure(f"moto gave no {element}: {made}")
            lines[f"{prefix}_{part}"] = found[1]
    # How many requests go unchecked from now on.
    send(address + "/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    return lines


def manage(address: str, **parameters: str) -> str:
    """A call of the user service, which moto tells from the others by the scope in a signature that it does not check yet."""
    scope = "Credential=none/20200101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0"
    body = urllib.parse.urlencode({"Version": "2010-05-08", **parameters}).encode()
    return send(address + "/", body, {"Authorization": f"AWS4-HMAC-SHA256 {scope}"})


def send(address: str, body: bytes, headers: dict[str, str]) -> str:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise Failure(f"moto refused: {error.read().decode(errors='replace')}") from None
