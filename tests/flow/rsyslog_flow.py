"""A real rsyslogd writes CEF and sends it by TLS with its certificate, from a queue that it keeps on disk, while the server is stopped
and started again: each message is one event."""

import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served
import syslog_flow

# Unpacked by ./dev, so that it does not become the log of the machine; or installed by who wants that.
UNPACKED = flow.ROOT / "build/rsyslog"

CONFIGURATION = """
global(workDirectory="{spool}" maxMessageSize="64k" net.enableDNS="off"
       defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{authority}"
       defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{socket}" RateLimit.Interval="0" ParseHostname="off")
template(name="cef" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% gw1 brp %PROCID:::uppercase% READ - \
CEF:0|Example|Gateway|1|100|seen|3|externalId=%msg:R,ERE,0,BLANK:m[0-9]+--end% suser=u1 cs1Label=BSN cs1=123456782")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" TCP_Framing="octet-counted" template="cef"
       StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="{peer}"
       ResendLastMSGOnReconnect="on" action.resumeRetryCount="-1" action.resumeInterval="1"
       queue.type="LinkedList" queue.fileName="forward" queue.maxDiskSpace="100m" queue.saveOnShutdown="on")
"""

MAPPING = """format = "syslog"
source = "gateway"
[[access]]
"cef.vendor" = "Example"
"cef.signature_id" = "100"
[fields]
id = { column = "cef.externalId" }
actor.id = { column = "cef.suser" }
action = { constant = "read" }
system = { constant = "BRP" }
[[subjects]]
type = "bsn"
column = "cef.label.BSN"
"""

BATCH = 400


def find_rsyslogd():
    """The program and the folder of its modules; nothing when there is none, or it cannot send by OpenSSL."""
    for root in (UNPACKED, pathlib.Path("/")):
        modules = next(root.glob("usr/lib/*/rsyslog/lmnsd_ossl.so"), None)
        program = root / "usr/sbin/rsyslogd"
        if modules and program.exists():
            return program, modules.parent
    return None


class Rsyslog(syslog_flow.Gateway):
    MAPPING = MAPPING

    def begin_rsyslogd(self, port):
        program, modules = find_rsyslogd()
        spool = self.directory / "spool"
        spool.mkdir(exist_ok=True)
        self.socket = self.directory / "log"
        self.socket.unlink(missing_ok=True)
        configuration = self.write("rsyslog.conf", CONFIGURATION.format(
            spool=spool, authority=pathlib.Path(self.keys) / "tls.crt", certificate=self.certificate, key=self.key,
            socket=self.socket, port=port, peer="localhost"))
        with open(self.directory / "rsyslog.err", "w") as errors:
            process = subprocess.Popen(
                [program, "-n", "-f", configuration, "-i", self.directory / "rsyslog.pid", "-M", modules],
                stdout=subprocess.DEVNULL, stderr=errors,
            )
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        for _ in range(200):
            if self.socket.exists():
                return process
            time.sleep(0.05)
        raise AssertionError((self.directory / "rsyslog.err").read_text())

    def entries(self, server):
        line = next(line for line in self.metrics(server).splitlines() if line.startswith("weerbaar_trail_entries "))
        return int(line.split()[1])

    def wait_for_entries_from(self, server, count):
        for _ in range(150):
            if self.entries(server) >= count:
                return
            time.sleep(0.1)

    def log(self, first):
        """Messages BATCH from the number `first` on, by logger."""
        lines = "".join(f"message m{number}\n" for number in range(first, first + BATCH))
        subprocess.run(["logger", "--socket", self.socket, "--tag", "brp", "--id"], input=lines, text=True, check=True,
                       timeout=60)

    def test_each_message_is_one_event_through_restarts(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.use(f'[serve.syslog]\nlisten_tls = "127.0.0.1:{port}"\n')
        server = self.start()
        rsyslogd = self.begin_rsyslogd(port)
        sent = 0
        for _ in range(3):
            # While it runs, while it stops, and while it is not there.
            self.log(sent)
            self.wait_for_entries_from(server, sent + 1)
            server.process.send_signal(signal.SIGTERM)
            self.log(sent + BATCH)
            self.assertEqual(server.end(signal.SIGTERM), 0)
            self.log(sent + 2 * BATCH)
            sent += 3 * BATCH
            server = self.start()
        self.log(sent)
        sent += BATCH
        for _ in range(3):
            self.wait_for_entries_from(server, sent)
            rsyslogd.terminate()
            rsyslogd.wait(timeout=30)
            if self.entries(server) >= sent:
                break
            # It keeps its queue on disk when it ends, and looks into it when it begins again.
            rsyslogd = self.begin_rsyslogd(port)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        events = self.consultations()
        found = {line["id"] for line in events}
        missing = [number for number in range(sent) if f"m{number}" not in found]
        self.assertEqual(missing, [], (self.directory / "rsyslog.err").read_text())
        self.assertEqual(len(events), sent)
        self.weerbaar("verify", self.data)


if __name__ == "__main__":
    if find_rsyslogd() is None or not shutil.which("logger") or not shutil.which("openssl"):
        print("rsyslogd with OpenSSL, logger or openssl is not here: no real rsyslogd is tried")
        sys.exit(77)
    flow.main()
