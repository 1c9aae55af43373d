"""A Ceph object gateway with one monitor and one object store in memory, as small as it goes and no safer than a test needs.

There is no manager: nothing here asks for statistics. There is no cephx: who reaches the loopback ports of this machine may do all.
"""

from __future__ import annotations

import os
import uuid

from server_process import ProcessList, free_port, run

GROUP = "radosgw"
ACCESS, SECRET = "WAYBILLTESTACCESSKEY", "waybill+test/secret+0/1"
OTHER_ACCESS, OTHER_SECRET = "WAYBILLOTHERACCESSKEY", "waybill/other+secret/0+1"

SETTINGS = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
auth cluster required = none
auth service required = none
auth client required = none
# The gateway alone asks for an encrypted connection, which there is none of without cephx; it would wait for one for ever.
ms mon client mode = crc
# Paths are told from the folder that all run in: the reader of these settings takes only ASCII.
run dir = .
crash dir = .
log file = $name.log
pid file =
# A socket's path is short, and a folder's may be long.
admin socket =

mon data = monitor
mon allow pool size one = true
# The age of this machine's disk does not matter to what is kept in memory.
mon data avail warn = 1
mon data avail crit = 0
# A second of waiting for more changes is most of the start.
paxos propose interval = 0.05
paxos min wait = 0.01

osd data = store
osd objectstore = memstore
memstore device bytes = 6G
osd crush initial weight = 1
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off

rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw thread pool size = 64
rgw dynamic resharding = false
rgw enable lc threads = false
debug rgw = 0
rgw enable quota threads = false
rgw run sync thread = false
# Else the bytes of deleted objects stay in memory for two hours.
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw gc processor max time = 5
"""


def start(processes: ProcessList) -> dict[str, str]:
    """Starts all and waits for the gateway; gives the lines for servers.env."""
    folder = processes.folder / GROUP
    for part in ("", "monitor", "store"):
        (folder / part).mkdir()
    fsid, store, monitor, gateway = uuid.uuid4(), uuid.uuid4(), free_port(), free_port()
    settings = folder / "ceph.conf"
    settings.write_text(SETTINGS.format(fsid=fsid, monitor=monitor, gateway=gateway))
    # Settings of another cluster that the caller works with must not get in.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CEPH_")} | {"CEPH_CONF": str(settings)}

    def step(*command: str) -> None:
        run(*command, folder=folder, environment=environment)

    step("monmaptool", "--create", "--fsid", str(fsid), "--addv", "a", f"[v2:127.0.0.1:{monitor}]", "monmap")
    step("ceph-mon", "--id", "a", "--mkfs", "--monmap", "monmap")
    processes.start(GROUP, "ceph-mon", ["ceph-mon", "--foreground", "--id", "a"], environment)
    step("ceph-osd", "--id", "0", "--mkfs", "--osd-uuid", str(store), "--no-mon-config")
    processes.check(GROUP)
    step("ceph", "--connect-timeout", "30", "osd", "new", str(store))
    processes.start(GROUP, "ceph-osd", ["ceph-osd", "--foreground", "--id", "0"], environment)
    for name, access, secret in (("waybill", ACCESS, SECRET), ("other", OTHER_ACCESS, OTHER_SECRET)):
        step("radosgw-admin", "user", "create", "--uid", name, "--display-name", name, "--access-key", access, "--secret-key", secret)
    processes.check(GROUP)
    processes.start(GROUP, "radosgw", ["radosgw", "--foreground", "--name", "client.gateway"], environment)
    address = f"http://127.0.0.1:{gateway}"
    processes.wait_for(GROUP, address)
    return {
        "WAYBILL_S3_RGW": address, "WAYBILL_S3_RGW_ACCESS": ACCESS, "WAYBILL_S3_RGW_SECRET": SECRET,
        "WAYBILL_S3_RGW_OTHER_ACCESS": OTHER_ACCESS, "WAYBILL_S3_RGW_OTHER_SECRET": OTHER_SECRET,
    }
