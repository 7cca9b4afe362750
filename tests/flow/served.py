"""What the flow tests of the server share: starting it, its senders, and asking it over TLS."""

import concurrent.futures
import http.client
import json
import pathlib
import re
import signal
import ssl
import subprocess
import threading
import time

import flow


def event(number, source="bvr", **fields):
    """A line of JSON Lines."""
    base = {
        "id": f"run-{number:07}",
        "source": source,
        "time": f"2026-03-02T08:{number // 60 % 60:02}:{number % 60:02}Z",
        "actor": {"id": f"u{number % 7}"},
        "action": "read",
        "system": "BVR",
        "subjects": [{"type": "bsn", "id": "123456782" if number % 2 else "111222333"}],
    }
    return json.dumps({**base, **fields})


class Server:
    """A server that runs, and what it logs."""

    def __init__(self, data, *arguments, command="serve"):
        self.process = subprocess.Popen(
            [flow.PROGRAM, command, data, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.log = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        listening = self.wait_for("listening")
        self.port = listening["port"]
        self.fingerprint = listening["certificate_sha256"]

    def _read(self):
        for line in self.process.stderr:
            with self._changed:
                self.log.append(line)
                self._changed.notify_all()
        with self._changed:
            self.log.append("")  # the end
            self._changed.notify_all()

    def wait_for(self, what):
        """The first line of the log that tells of it."""
        with self._changed:
            found = lambda: next((json.loads(l) for l in self.log if l.startswith("{") and json.loads(l)["event"] == what), None)
            self._changed.wait_for(lambda: found() or "" in self.log, timeout=60)
            if not found():
                raise AssertionError(f"no line tells of {what}: {self.log}")
            return found()

    def end(self, with_signal):
        """Its exit status."""
        self.process.send_signal(with_signal)
        status = self.process.wait(timeout=60)
        self._reader.join()
        self.process.stderr.close()
        self.process.stdout.close()
        return status


class ServedTest(flow.FlowTest):
    """A test with a data directory that a server may be started on, and a source "bvr" that may send."""

    def setUp(self):
        super().setUp()
        self.init()
        self.settings = pathlib.Path(self.data) / "weerbaar.toml"
        self.token = self.add_source("bvr")

    def add_source(self, name):
        made = self.weerbaar("token", name, "--json").json()
        lines = f'\n[[serve.source]]\nname = "{name}"\ntoken_sha256 = "{made["token_sha256"]}"\n'
        self.settings.write_text(self.settings.read_text() + lines)
        return made["token"]

    def start(self, listen="127.0.0.1:0"):
        server = Server(self.data, "--listen", listen)
        self.addCleanup(lambda: server.process.poll() is None and server.end(signal.SIGKILL))
        return server

    def connect(self, server):
        context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=30)
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, method, path, body=None, token=None, **fields):
        """Status and body of the answer."""
        headers = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in fields.items()}}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def check_metrics(test, text):
    """Each family has one HELP and one TYPE."""
    said = {"HELP": {}, "TYPE": {}}
    for line in text.splitlines():
        if line.startswith("#"):
            _, what, name, rest = line.split(" ", 3)
            test.assertNotIn(name, said[what])
            said[what][name] = rest
            continue
        name = re.match("[a-z0-9_]+", line)[0]
        whole = re.sub("_(bucket|sum|count)$", "", name)
        test.assertIn(whole if said["TYPE"].get(whole) == "histogram" else name, said["HELP"])
    test.assertEqual(said["HELP"].keys(), said["TYPE"].keys())
    test.assertTrue(said["HELP"])


def kill_under_load(start, send, times):
    """Starts a server for each of the times and kills it after so many seconds, while four threads are in
    send(server, stop), which returns when `stop` is set or the server is gone."""
    for seconds in times:
        server = start()
        stop = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            senders = [pool.submit(send, server, stop) for _ in range(4)]
            time.sleep(seconds)
            server.end(signal.SIGKILL)
            stop.set()
            for sender in senders:
                sender.result()
