"""Syslog as real senders deliver it: by openssl s_client with a certificate, by logger over TCP and UDP; and what is told of
records that are missing and of sources that are silent."""

import json
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


class Gateway(served.ServedTest):
    """A server that knows a source "gateway" by its certificate."""

    MAPPING = MAPPING

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.data)
        self.certificate, self.key = self.folder / "gw.crt", self.folder / "gw.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=gateway", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True,
        )
        (self.folder / "gateway.toml").write_text(self.MAPPING)

    def use(self, settings, of_source=""):
        """Before the server starts."""
        self.settings.write_text(
            self.settings.read_text()
            + '\n[[serve.source]]\nname = "gateway"\ncertificate_subject = "CN=gateway"\n'
            + f'syslog_mapping = "gateway.toml"\n{of_source}\n[serve]\nclient_authorities = "gw.crt"\n{settings}'
        )

    def port(self, server, by):
        """Where it listens for syslog."""
        server.wait_for("listening")
        lines = [json.loads(line) for line in server.log if line.startswith("{")]
        return next(line["port"] for line in lines if line["event"] == "listening for syslog" and line["by"] == by)

    def metrics(self, server):
        connection = self.connect(server)
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()

    def wait_for_metric(self, server, wanted):
        for _ in range(300):
            text = self.metrics(server)
            if wanted in text.splitlines():
                served.check_metrics(self, text)
                return text
            time.sleep(0.1)
        self.fail(f"{wanted}: {text}")

    def wait_for_entries(self, server, count):
        return self.wait_for_metric(server, f'weerbaar_source_events_accepted_total{{source="gateway"}} {count}')

    def consultations(self):
        return self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").lines()


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed: no sender with a certificate is tried")
class SyslogByTls(Gateway):
    def setUp(self):
        super().setUp()
        self.use('[serve.syslog]\nlisten_tls = "127.0.0.1:0"\n')

    def tls(self, server, with_certificate=True):
        context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        if with_certificate:
            context.load_cert_chain(self.certificate, self.key)
        raw = socket.create_connection(("127.0.0.1", self.port(server, "tls")), timeout=30)
        return context.wrap_socket(raw, server_hostname="localhost")

    def test_each_message_is_one_event_through_a_kill_and_a_second_delivery(self):
        server = self.start()
        sent = subprocess.run(
            ["openssl", "s_client", "-quiet", "-no_ign_eof", "-tls1_3", "-cert", self.certificate, "-key", self.key,
             "-connect", f"127.0.0.1:{self.port(server, 'tls')}"],
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
        found = self.consultations()
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


class PlainGateway(Gateway):
    """The same, where it may send without TLS too."""

    def setUp(self):
        super().setUp()
        self.use('[serve.syslog]\nlisten_tcp = "127.0.0.1:0"\nlisten_udp = "127.0.0.1:0"\n',
                 'syslog_addresses = ["127.0.0.0/8"]\nheartbeat = "5m"\n')

    def tcp(self, server):
        sender = socket.create_connection(("127.0.0.1", self.port(server, "tcp")), timeout=30)
        self.addCleanup(sender.close)
        return sender

    def udp(self, server):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sender.close)
        sender.connect(("127.0.0.1", self.port(server, "udp")))
        return sender


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed: no certificate can be made")
class SyslogPlain(PlainGateway):
    @unittest.skipUnless(shutil.which("logger"), "logger is not installed")
    def test_logger_is_understood_by_tcp_and_by_udp(self):
        server = self.start()
        content = message(1).decode().split(" READ - ")[1]
        for by, options in (("tcp", ["--tcp", "--octet-count"]), ("tcp", ["--tcp"]), ("udp", ["--udp"])):
            subprocess.run(["logger", "--server", "127.0.0.1", "--port", str(self.port(server, by)), *options,
                            "--rfc5424", "--tag", "brp", content + " msg=" + "-".join(options)], check=True, timeout=60)
        self.wait_for_entries(server, 3)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertEqual(len(self.consultations()), 3)

    def test_what_was_received_when_it_is_told_to_stop_is_in_the_trail(self):
        server = self.start()
        count = 2000
        senders = [self.tcp(server) for _ in range(4)]
        for number in range(count):
            senders[number % 4].sendall(message(number) + b"\n")
        datagrams = self.udp(server)
        for number in range(count, count + 200):
            datagrams.send(message(number))
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertEqual(len({line["id"] for line in self.consultations()}), count + 200)

    def test_garbage_half_frames_and_what_is_too_long_harm_nobody_else(self):
        server = self.start()
        halves = [self.tcp(server) for _ in range(20)]
        for half in halves:
            half.sendall(b"5000 <134>1 2026-03-02")
        garbage = self.tcp(server)
        garbage.sendall(bytes(range(256)) * 300 + b"\n")
        garbage.sendall(b"70000 " + message(1) + b"x" * (70_000 - len(message(1))))
        for text in (b"9999999 x", b"0 ", b"\0\0\0", b"<134>1 broken", b"<999>1 - - brp - - - x", b""):
            self.udp(server).send(text)
        with self.tcp(server) as sender:
            sender.sendall(message(2) + b"\n" + message(3) + b"\n")
        self.wait_for_entries(server, 2)
        for half in halves:
            half.close()
        garbage.close()
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertEqual(len(self.consultations()), 2)
        refused = (self.folder / "quarantine/refused-by-network.jsonl").read_text().splitlines()
        self.assertGreaterEqual(len(refused), 22)

    def test_who_sends_from_no_known_address_is_not_heard(self):
        self.settings.write_text(self.settings.read_text().replace("127.0.0.0/8", "192.0.2.0/24"))
        server = self.start()
        self.udp(server).send(message(1))
        with self.tcp(server) as sender:
            self.assertEqual(sender.recv(1), b"")
        self.wait_for_metric(server, "weerbaar_syslog_turned_away_total 2")
        self.assertEqual(server.end(signal.SIGTERM), 0)


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed: no certificate can be made")
class Gaps(PlainGateway):
    MAPPING = MAPPING.replace("[[access]]", 'sequence = "sd.meta.sequenceId"\ncounter = "host"\n[[access]]')

    def numbered(self, number, app="brp", second=None):
        time_of = f"2026-03-02T08:14:{number if second is None else second:02}Z"
        return f'<134>1 {time_of} gw1 {app} 8 READ [meta sequenceId="{number}"] ' + message(1).decode().split(" READ - ")[1]

    def test_a_gap_is_told_once_survives_a_kill_and_ends_when_it_is_filled(self):
        server = self.start()
        sender = self.udp(server)
        for number, app in ((1, "brp"), (2, "cron"), (3, "brp"), (6, "brp"), (8, "brp")):
            sender.send(self.numbered(number, app).encode())
        self.wait_for_metric(server, 'weerbaar_source_missing_records{source="gateway"} 3')
        told = server.wait_for("records of a source are missing")
        self.assertEqual((told["source"], told["records"], told["numbers"]), ("gateway", 3, "4-5, 7"))
        found = self.weerbaar("sources", self.data, "--json", status=1).lines()
        gateway = next(line for line in found if line["source"] == "gateway")
        self.assertEqual(gateway["missing"], 3)
        self.assertEqual(gateway["counters"][0]["ranges"], [[4, 5], [7, 7]])
        server.end(signal.SIGKILL)
        server = self.start()
        sender = self.udp(server)
        for number in (4, 5, 7, 9):
            sender.send(self.numbered(number).encode())
        self.wait_for_metric(server, 'weerbaar_source_missing_records{source="gateway"} 0')
        self.assertEqual(server.wait_for("records of a source that were missing came")["numbers"], "4-5, 7")
        # Its sender begins anew: no gap.
        sender.send(self.numbered(1, second=50).encode())
        self.wait_for_metric(server, 'weerbaar_source_restarts_total{source="gateway"} 1')
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertIn("gateway", self.weerbaar("sources", self.data).out)
        events = self.weerbaar("consultations", self.data, "--by", "weerbaar", "--keys", self.keys, "--json").lines()
        what = [line["attributes"]["watched_what"] for line in events if line.get("component") == "sources"]
        self.assertEqual(what, ["missing", "came"])
        self.weerbaar("verify", self.data)

    def test_numbers_of_json_lines_and_a_source_that_is_silent_are_told(self):
        self.settings.write_text(self.settings.read_text().replace(
            'name = "bvr"\n', 'name = "bvr"\nheartbeat = "1s"\nsequence_attribute = "seq"\n'))
        server = self.start()
        connection = self.connect(server)
        for number in (1, 2, 4):
            line = served.event(number, attributes={"seq": number})
            self.assertEqual(self.ask(connection, "POST", "/v1/events", line, self.token)[0], 200)
        self.wait_for_metric(server, 'weerbaar_source_missing_records{source="bvr"} 1')
        self.assertEqual(server.wait_for("a source is silent for longer than it promised")["source"], "bvr")
        self.wait_for_metric(server, 'weerbaar_source_silences_total{source="bvr"} 1')
        self.assertEqual(self.ask(connection, "POST", "/v1/events", "", self.token)[0], 200)
        self.assertEqual(server.wait_for("a source that was silent is heard")["source"], "bvr")
        self.assertEqual(server.end(signal.SIGTERM), 0)
        # What the trail tells of it stands in the report: of records that did not come, and of a silence that is over.
        events = self.weerbaar("consultations", self.data, "--by", "weerbaar", "--keys", self.keys, "--json").lines()
        told = [line["attributes"] for line in events if line.get("component") == "sources"]
        missing = next(one for one in told if one["watched_what"] == "missing")
        self.assertEqual((missing["watched_numbers"], missing["watched_run"]), ("3", 0))
        heard = next(one for one in told if one["watched_what"] == "heard")
        self.assertLess(heard["watched_since"], heard["watched_until"])


if __name__ == "__main__":
    flow.main()
