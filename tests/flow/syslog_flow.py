"""Syslog over TLS with a certificate, as a real sender delivers it: by openssl s_client, and again after a kill -9."""

import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import unittest

import flow
import served

MAPPING = """format = "syslog"
source = "gateway"
[[access]]
app = "brp"
[fields]
actor.id = { column = "cef.suser" }
action = { constant = "read" }
system = { constant = "BRP" }
[[subjects]]
type = "bsn"
column = "cef.label.BSN"
"""


def message(number):
    return (
        f"<134>1 2026-03-02T08:14:03.{number:06d}Z gw1 brp 8 READ - CEF:0|Example|Gateway|1|100|seen|3|"
        f"suser=u1 cs1Label=BSN cs1=123456782"
    ).encode()


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed: no sender with a certificate is tried")
class Syslog(served.ServedTest):
    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.data)
        self.certificate, self.key = self.folder / "gw.crt", self.folder / "gw.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=gateway", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True,
        )
        (self.folder / "gateway.toml").write_text(MAPPING)
        self.settings.write_text(
            self.settings.read_text()
            + '\n[[serve.source]]\nname = "gateway"\ncertificate_subject = "CN=gateway"\n'
            + 'syslog_mapping = "gateway.toml"\n[serve]\nclient_authorities = "gw.crt"\n'
            + '[serve.syslog]\nlisten_tls = "127.0.0.1:0"\n'
        )

    def syslog_port(self, server):
        return server.wait_for("listening for syslog")["port"]

    def tls(self, server, with_certificate=True):
        context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        if with_certificate:
            context.load_cert_chain(self.certificate, self.key)
        raw = socket.create_connection(("127.0.0.1", self.syslog_port(server)), timeout=30)
        return context.wrap_socket(raw, server_hostname="localhost")

    def wait_for_entries(self, server, count):
        connection = self.connect(server)
        wanted = f'weerbaar_source_events_accepted_total{{source="gateway"}} {count}'
        for _ in range(300):
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
            if wanted in text.splitlines():
                return
            time.sleep(0.1)
        self.fail(f"{wanted}: {text}")

    def test_each_message_is_one_event_through_a_kill_and_a_second_delivery(self):
        server = self.start()
        sent = subprocess.run(
            ["openssl", "s_client", "-quiet", "-no_ign_eof", "-tls1_3", "-cert", self.certificate, "-key", self.key,
             "-connect", f"127.0.0.1:{self.syslog_port(server)}"],
            input=b"".join(message(i) + b"\n" for i in range(50)), capture_output=True, timeout=60,
        )
        self.wait_for_entries(server, 50)
        server.end(signal.SIGKILL)
        server = self.start()
        with self.tls(server) as sender:
            for i in range(100):
                sender.sendall(str(len(message(i))).encode() + b" " + message(i))
            self.wait_for_entries(server, 100)
        self.assertEqual(server.end(signal.SIGTERM), 0, sent.stderr)
        self.weerbaar("verify", self.data)
        found = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").lines()
        self.assertEqual(len({line["id"] for line in found}), 100)
        self.assertEqual(len(found), 100)

    def test_nobody_without_a_certificate_is_heard(self):
        server = self.start()
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            with self.tls(server, with_certificate=False) as sender:
                sender.sendall(message(1) + b"\n")
                sender.recv(1)
                raise ConnectionError("the server ended it")
        self.assertEqual(server.end(signal.SIGTERM), 0)


if __name__ == "__main__":
    flow.main()
