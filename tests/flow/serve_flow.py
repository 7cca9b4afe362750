"""The server, as senders meet it: over TLS, with tokens, through a reload, a stop and a kill."""

import gzip
import http.client
import json
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served
from served import event


class Serve(served.ServedTest):
    def test_events_go_in_over_tls_and_are_found(self):
        server = self.start()
        connection = self.connect(server)
        self.assertEqual(self.ask(connection, "GET", "/health"), (200, "ok\n"))
        self.assertEqual(self.ask(connection, "GET", "/ready"), (200, "ready\n"))
        body = "\n".join(event(n) for n in range(1, 1001)) + "\n"
        status, answer = self.ask(connection, "POST", "/v1/events", body, self.token)
        self.assertEqual((status, json.loads(answer)), (200, {"accepted": 1000, "refused": 0}))
        packed = gzip.compress((event(1001) + "\n").encode())
        status, answer = self.ask(connection, "POST", "/v1/events", packed, self.token, Content_Encoding="gzip")
        self.assertEqual((status, json.loads(answer)["accepted"]), (200, 1))
        self.assertEqual(self.ask(connection, "POST", "/v1/events", event(1), "wrong")[0], 401)
        connection = self.connect(server)
        status, answer = self.ask(connection, "POST", "/v1/events", event(2000, source="other"), self.token)
        self.assertEqual((status, json.loads(answer)["refused"]), (422, 1))
        metrics = self.ask(connection, "GET", "/metrics")[1]
        self.assertIn("\nweerbaar_events_accepted_total 1001\n", metrics)
        self.assertIn('\nweerbaar_source_events_refused_total{source="bvr"} 1\n', metrics)
        served.check_metrics(self, metrics)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        everything = "".join(server.log) + metrics
        for personal in ("123456782", "111222333", self.token, "u1"):
            self.assertNotIn(personal, everything)
        self.weerbaar("verify", self.data)
        found = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").lines()
        self.assertEqual(len([line for line in found if line["source"] == "bvr"]), 501)

    def test_commands_go_on_beside_the_server_and_senders_wait_for_them(self):
        server = self.start()
        accepted = []
        stop = threading.Event()

        def send():
            connection = self.connect(server)
            number = 0
            while not stop.is_set():
                number += 1
                lines = "\n".join(event(100 * number + i) for i in range(100)) + "\n"
                status, answer = self.ask(connection, "POST", "/v1/events", lines, self.token)
                self.assertEqual(status, 200, answer)
                accepted.append(json.loads(answer)["accepted"])

        sender = threading.Thread(target=send)
        sender.start()
        try:
            self.weerbaar("policy", self.data, "adopt", "--name", "Control 2026")
            csv = self.write("employee.csv", "employee,name\nu1,\n")
            self.weerbaar("register", self.data, "import", "employee", csv)
            self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--limit", 1)
            self.weerbaar("count", self.data, "--group-by", "day")
            self.weerbaar("check", self.data)
            self.weerbaar("signals", self.data)
            package = str(self.directory / "all.zip")
            self.weerbaar("prove", self.data, "--of", "bsn:123456782", "-o", package)
            self.weerbaar("verify-package", package)
            self.weerbaar("retention", self.data, "--dry-run")
            self.weerbaar("verify", self.data)
            refused = self.weerbaar("ingest", self.data, "--format", "jsonl", csv, status=3)
            self.assertIn("send the events to the server", refused.err)
        finally:
            stop.set()
            sender.join()
        self.assertGreater(len(accepted), 3)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.weerbaar("verify", self.data)
        counted = self.weerbaar("count", self.data, "--group-by", "source", "--json").lines()
        self.assertEqual({line["source"]: line["count"] for line in counted}["bvr"], sum(accepted))

    def half(self, trace, which):
        """The LDV line of an access, or its audit record, as a request of OTLP."""
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "inning"}}]}
        text = lambda key, value: {"key": key, "value": {"stringValue": value}}
        record = {"traceId": f"{trace:032x}", "spanId": f"{trace:016x}"}
        if which == "line":
            of = [text("dpl.core.data_subject_id", "123456782"), text("dpl.core.data_subject_id_type", "BSN")]
            record |= {"name": "open", "startTimeUnixNano": "1764068470669123456", "attributes": of}
            return "/v1/traces", json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [record]}]}]})
        record |= {"timeUnixNano": "1764068470669200000", "attributes": [text("enduser.id", "u1")]}
        return "/v1/logs", json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record]}]}]})

    def send_half(self, server, trace, which):
        path, body = self.half(trace, which)
        self.assertEqual(self.ask(self.connect(server), "POST", path, body, self.token), (200, "{}"))

    def consultations(self):
        return self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").lines()

    def test_halves_are_joined_in_either_order_through_a_kill_and_a_stop(self):
        server = self.start()
        for trace, which in ((1, "line"), (2, "audit"), (3, "line"), (3, "audit")):
            self.send_half(server, trace, which)
        server.end(signal.SIGKILL)
        folder = pathlib.Path(self.data) / "waiting"
        self.assertEqual([folder.stat().st_mode & 0o777, (folder / "records.jsonl").stat().st_mode & 0o777], [0o700, 0o600])
        server = self.start()
        self.send_half(server, 1, "audit")
        self.send_half(server, 1, "audit")
        server.end(signal.SIGTERM)
        server = self.start()
        self.send_half(server, 2, "line")
        metrics = self.ask(self.connect(server), "GET", "/metrics")[1]
        self.assertIn("\nweerbaar_halves_unreadable_total 0\n", metrics)
        self.assertIn("\nweerbaar_halves_expired_total 0\n", metrics)
        server.end(signal.SIGTERM)
        found = sorted(line["id"] for line in self.consultations())
        self.assertEqual(found, [f"{trace:032x}-{trace:016x}" for trace in (1, 2, 3)])
        by = self.weerbaar("consultations", self.data, "--by", "u1", "--json", "--keys", self.keys).lines()
        self.assertEqual(sorted(line["id"] for line in by), found)
        self.weerbaar("verify", self.data)

    def test_a_half_alone_comes_out_when_its_time_is_over(self):
        text = self.settings.read_text()
        self.settings.write_text(text + 'join_within = "1s"\n')
        server = self.start()
        self.send_half(server, 1, "line")
        connection = self.connect(server)
        for _ in range(100):
            metrics = self.ask(connection, "GET", "/metrics")[1]
            if "\nweerbaar_halves_expired_total 1\n" in metrics:
                break
            time.sleep(0.1)
        self.assertIn("\nweerbaar_halves_waiting_records 0\n", metrics)
        server.end(signal.SIGTERM)
        self.assertEqual([line["id"] for line in self.consultations()], [f"{1:032x}-{1:016x}-noactor"])

    def test_otlp_goes_in_as_the_source_of_its_token(self):
        server = self.start()
        connection = self.connect(server)
        span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "open",
                "startTimeUnixNano": "1764068470669123456", "endTimeUnixNano": "1764068470675000000",
                "attributes": [{"key": "enduser.id", "value": {"stringValue": "u1"}},
                               {"key": "dpl.core.data_subject_id", "value": {"stringValue": "123456782"}},
                               {"key": "dpl.core.data_subject_id_type", "value": {"stringValue": "BSN"}}]}
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "inning"}}]}
        body = json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]})
        for _ in range(2):
            self.assertEqual(self.ask(connection, "POST", "/v1/traces", body, self.token), (200, "{}"))
        self.assertEqual(server.end(signal.SIGTERM), 0)
        found = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").lines()
        self.assertEqual([line["source"] for line in found if line["source"] != "self"], ["bvr"])

    def test_a_reload_lets_a_new_source_in_and_keeps_what_it_had_when_the_settings_are_wrong(self):
        server = self.start()
        connection = self.connect(server)
        other = self.add_source("inning")
        self.assertEqual(self.ask(connection, "POST", "/v1/events", event(1, source="inning"), other)[0], 401)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("settings were read again")
        connection = self.connect(server)
        self.assertEqual(self.ask(connection, "POST", "/v1/events", event(1, source="inning"), other)[0], 200)
        right = self.settings.read_text()
        self.settings.write_text(right.replace("\n[[serve.source]]", "\n[serve]\nworkers = 5\n[[serve.source]]", 1))
        server.process.send_signal(signal.SIGHUP)
        warned = server.wait_for("settings were read again; some count from the next start only")
        self.assertEqual(warned["settings"], "serve.workers")
        self.settings.write_text(right + "nonsense = 1\n")
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("settings were not read again, and are what they were")
        self.assertEqual(self.ask(connection, "POST", "/v1/events", event(2, source="inning"), other)[0], 200)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_plain_http_is_spoken_on_loopback_only_and_only_when_asked(self):
        self.settings.write_text(self.settings.read_text() + "\n[serve]\nplain_http = true\n")
        server = self.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.addCleanup(connection.close)
        self.assertEqual(self.ask(connection, "POST", "/v1/events", event(1), self.token)[0], 200)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        refused = self.weerbaar("serve", self.data, "--listen", "0.0.0.0:0", status=2)
        self.assertIn("--listen: without TLS (plain_http = true)", refused.err)

    def test_who_proved_nothing_takes_no_memory_for_bodies_from_who_did(self):
        self.settings.write_text(self.settings.read_text() + "\n[serve]\nbody_mebibytes = 1\nbodies_mebibytes = 2\n")
        server = self.start()
        large = b"{" + b" " * (1 << 20)
        for number, path in enumerate(("/health", "/metrics", "/log/checkpoint", "/api/v1/docs", "/nothing", "/api/v1/me",
                                       "/api/v1/login", "/v1/events", "/access/v1/evaluation")):
            method = "POST" if path in ("/api/v1/login", "/v1/events", "/access/v1/evaluation") else "GET"
            for length in (f"Content-Length: {len(large) - 1}", "Transfer-Encoding: chunked"):
                connection = self.connect(server)
                connection.connect()
                connection.sock.sendall(
                    f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer invented{number}\r\n"
                    f"Content-Type: application/json\r\nExpect: 100-continue\r\n{length}\r\n\r\n".encode())
                answer = connection.sock.recv(100).decode()
                # What a body is wanted of is told so: login, in pieces.
                wanted = ("100",) if path == "/api/v1/login" and length.startswith("T") else ("401", "404", "413")
                self.assertIn(answer.split()[1], wanted, (path, length))
        metrics = self.ask(self.connect(server), "GET", "/metrics")[1]
        self.assertIn("\nweerbaar_http_bodies_bytes 0\n", metrics)
        body = "\n".join(event(n, query="q" * 400) for n in range(1, 1001)) + "\n"
        self.assertEqual(self.ask(self.connect(server), "POST", "/v1/events", body, self.token)[0], 200)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_what_a_proxy_says_of_clients_counts_when_the_settings_say_so(self):
        self.settings.write_text(self.settings.read_text() +
                                 "\n[serve]\nplain_http = true\nforwarded_for = true\nrequests_a_second = 1\n")
        server = self.start()

        def ask(client):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            connection.request("GET", "/health", headers={"X-Forwarded-For": f"203.0.113.1, {client}"})
            status = connection.getresponse().status
            connection.close()
            return status

        of_one = [ask("192.0.2.7") for _ in range(30)]
        self.assertIn(429, of_one)
        self.assertEqual(ask("192.0.2.8"), 200)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_what_keeps_it_from_starting_is_named_with_what_to_do(self):
        right = self.settings.read_text()
        for lines, words in (('certificate = "/nope"\nkey = "/nope"\n', ("serve.certificate", "/nope")),
                             ('forwarded_for = true\n', ("serve.forwarded_for", "plain_http")),
                             ('plain_http = true\nlisten = "0.0.0.0:0"\n', ("weerbaar.toml:", "without TLS")),
                             ('bodies_mebibytes = 64\n', ("weerbaar.toml:", "Give bodies_mebibytes 128 or more"))):
            self.settings.write_text(right + "\n[serve]\n" + lines)
            refused = self.weerbaar("serve", self.data, "--listen", "127.0.0.1:0", status=2)
            for word in words:
                self.assertIn(word, refused.err)
        self.settings.write_text(right)
        server = self.start()
        other = self.directory / "other"
        made = self.weerbaar("init", other, "--json").json()
        own = served.Server(str(other), "--listen", "127.0.0.1:0")
        self.addCleanup(lambda: own.process.poll() is None and own.end(signal.SIGKILL))
        self.assertEqual(own.fingerprint, made["certificate_sha256"])
        self.assertEqual(own.end(signal.SIGTERM), 0)
        taken = self.weerbaar("serve", other, "--listen", f"127.0.0.1:{server.port}", status=3)
        self.assertIn("choose another port", taken.err)
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_nothing_acknowledged_is_lost_when_it_is_killed_under_load(self):
        acknowledged = set()
        lock = threading.Lock()
        next_number = iter(range(0, 100_000_000, 50))

        def send(server, stop):
            connection = self.connect(server)
            while not stop.is_set():
                with lock:
                    first = next(next_number)
                body = "\n".join(event(n) for n in range(first, first + 50)) + "\n"
                try:
                    status, answer = self.ask(connection, "POST", "/v1/events", body, self.token)
                except (OSError, http.client.HTTPException):
                    return
                self.assertEqual((status, json.loads(answer)["accepted"]), (200, 50))
                with lock:
                    acknowledged.update(f"run-{n:07}" for n in range(first, first + 50))

        served.kill_under_load(self.start, send, (0.4, 1.1, 0.7))
        self.assertGreater(len(acknowledged), 100)
        self.weerbaar("verify", self.data)
        found = set()
        for person in ("123456782", "111222333"):
            lines = self.weerbaar("consultations", self.data, "--of", f"bsn:{person}", "--json").lines()
            found.update(line["id"] for line in lines)
        self.assertEqual(acknowledged - found, set())


if __name__ == "__main__":
    flow.main()
