"""What a source may send at most, and what it can do to another: requests of OTLP as large as a body may be, in both
encodings, and a source that floods while another waits for the other half of an access."""

import json
import pathlib
import signal
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

MEBIBYTE = 1 << 20
MEMORY_MEBIBYTES_MAX = 1_536
TIME = 1_772_438_400_000_000_000


def text(key, value):
    return {"key": key, "value": {"stringValue": value}}


def attributes(note):
    return [("enduser.id", "u1"), ("dpl.core.data_subject_id", "123456782"), ("dpl.core.data_subject_id_type", "BSN"), ("note", note)]


def in_json(first, count, note):
    span = lambda i: {"traceId": f"{i + 1:032x}", "spanId": f"{i + 1:016x}", "name": "open", "startTimeUnixNano": str(TIME + i),
                      "attributes": [text(*pair) for pair in attributes(note)]}
    resource = {"attributes": [text("service.name", "inning")]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span(i) for i in range(first, first + count)]}]}]})


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


def pair(key, value):
    return field(1, key.encode()) + field(2, field(1, value.encode()))


def in_protobuf(first, count, note):
    of = b"".join(field(9, pair(*one)) for one in attributes(note))
    span = lambda i: (field(1, (i + 1).to_bytes(16, "big")) + field(2, (i + 1).to_bytes(8, "big")) + field(5, b"open")
                      + varint(7 << 3 | 1) + struct.pack("<Q", TIME + i) + of)
    spans = b"".join(field(2, span(i)) for i in range(first, first + count))
    return field(1, field(1, field(1, pair("service.name", "inning"))) + field(2, spans))


class Intake(served.ServedTest):
    def post(self, server, path, body, token, kind="application/json"):
        connection = self.connect(server)
        connection.timeout = 120
        connection.request("POST", path, body, {"Authorization": f"Bearer {token}", "Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def counted(self, source):
        lines = self.weerbaar("count", self.data, "--group-by", "source", "--json").lines()
        return {line["source"]: line["count"] for line in lines}.get(source, 0)

    def memory_mebibytes(self, server):
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) >> 10

    def test_a_request_as_large_as_a_body_may_be_is_taken_whole(self):
        """64 MiB of 40,000 spans each: with a time to join and without."""
        at_once = self.add_source("at-once")
        self.settings.write_text(self.settings.read_text() + 'join_within = "0s"\n')
        server = self.start()
        count, note = 40_000, "n" * 1_265
        for token, first in ((self.token, 0), (at_once, 100_000)):
            body = in_json(first, count, note)
            self.assertTrue(60 * MEBIBYTE < len(body) <= 64 * MEBIBYTE, len(body))
            self.assertEqual(self.post(server, "/v1/traces", body, token), (200, b"{}"))
            body = in_protobuf(first + count, count, note + "n" * 215)
            self.assertTrue(60 * MEBIBYTE < len(body) <= 64 * MEBIBYTE, len(body))
            self.assertEqual(self.post(server, "/v1/traces", body, token, "application/x-protobuf"), (200, b""))
        self.assertLess(self.memory_mebibytes(server), MEMORY_MEBIBYTES_MAX)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertEqual((self.counted("bvr"), self.counted("at-once")), (2 * count, 2 * count))
        self.assertFalse((pathlib.Path(self.data) / "quarantine").exists())

    def test_spans_that_are_small_in_protobuf_and_large_in_json_are_taken_whole(self):
        server = self.start()
        body = in_protobuf(0, 40_000, "n")
        self.assertLess(len(body), 12 * MEBIBYTE)
        self.assertEqual(self.post(server, "/v1/traces", body, self.token, "application/x-protobuf"), (200, b""))
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.assertEqual(self.counted("bvr"), 40_000)

    def test_a_source_that_floods_the_waiting_room_costs_another_nothing(self):
        flood = self.add_source("flood")
        self.settings.write_text(self.settings.read_text() + 'join_within = "24h"\n\n[serve]\nwaiting_mebibytes = 1\n')
        server = self.start()
        line = lambda trace: json.dumps({
            "trace_id": f"{trace:032x}", "span_id": f"{1:016x}", "name": "n", "status": "Ok", "start_time": 1_764_068_470_000 + trace,
            "resource": {"name": "svc"}, "attributes": {"dpl.core.data_subject_id": f"s{trace}"}})
        record = {"traceId": f"{1:032x}", "spanId": f"{1:016x}", "timeUnixNano": str(TIME), "attributes": [text("enduser.id", "u1")]}
        audit = {"resourceLogs": [{"resource": {"attributes": [text("service.name", "audit")]}, "scopeLogs": [{"logRecords": [record]}]}]}
        self.assertEqual(self.post(server, "/v1/traces", line(1), self.token)[0], 200)
        for n in range(8):
            body = "\n".join(line(10_000 + n * 1_000 + i) for i in range(900))
            self.assertEqual(self.post(server, "/v1/traces", body, flood)[0], 200)
        self.assertEqual(self.post(server, "/v1/logs", json.dumps(audit), self.token)[0], 200)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        found = [line for line in self.weerbaar("consultations", self.data, "--by", "u1", "--json").lines() if line["source"] == "bvr"]
        self.assertEqual([line["id"] for line in found], [f"{1:032x}-{1:016x}"])
        self.assertGreater(self.counted("flood"), 0, "some of it had to leave the room")


if __name__ == "__main__":
    flow.main()
