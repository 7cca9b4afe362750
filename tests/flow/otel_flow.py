"""A real OpenTelemetry SDK sends its spans and log records while the server is stopped, killed and started again."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

SENDER = pathlib.Path(__file__).parent.parent / "otel"


class OpenTelemetry(served.ServedTest):
    def send(self, form):
        """The sender, which runs while the server comes and goes; what it made."""
        server = self.start()
        listen = f"127.0.0.1:{server.port}"
        sender = subprocess.Popen(
            ["node", SENDER / "sender.mjs", f"https://127.0.0.1:{server.port}", self.token,
             pathlib.Path(self.keys) / "tls.crt", form, "600", "6"],
            stdout=subprocess.PIPE, text=True,
        )
        self.addCleanup(lambda: sender.poll() is None and sender.kill())
        for how in (signal.SIGTERM, signal.SIGKILL):
            time.sleep(2)
            server.end(how)
            time.sleep(0.5)
            server = self.start(listen)
        output, _ = sender.communicate(timeout=90)
        self.assertEqual(sender.returncode, 0)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        return json.loads(output)

    def check(self, form):
        made = self.send(form)
        self.assertEqual([len(made["spans"]), len(made["logs"]), len(made["apart"])], [600, 600, 600])
        found = []
        for person in ("bsn:123456782", "bsn:111222333"):
            lines = self.weerbaar("consultations", self.data, "--of", person, "--limit", "100000", "--json").lines()
            found += [line["id"] for line in lines]
        # Each once and none lost, with both halves: else its id would end otherwise.
        self.assertEqual(sorted(found), sorted(made["spans"] + made["logs"] + made["apart"]))
        for number in range(7):
            lines = self.weerbaar("consultations", self.data, "--by", f"u{number}", "--limit", "100000", "--json",
                                  "--keys", self.keys).lines()
            ids = {line["id"] for line in lines}
            self.assertEqual(ids & set(made["apart"]), set(made["apart"][number::7]))
        self.weerbaar("verify", self.data)

    def test_protobuf_gives_each_access_once(self):
        self.check("proto")

    def test_json_gives_each_access_once(self):
        self.check("json")


if __name__ == "__main__":
    if shutil.which("node") is None or not (SENDER / "node_modules").exists():
        print("SKIPPED: node, or its packages, are not here: npm ci --prefix tests/otel")
        sys.exit(77)
    flow.main()
