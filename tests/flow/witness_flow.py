"""The log over HTTPS, and real witnesses that cosign it. What they say is checked here by other means than the program's: the
texts of c2sp.org, and the cryptography package of Python where there is one."""

import base64
import hashlib
import http.client
import json
import pathlib
import shutil
import signal
import ssl
import struct
import subprocess
import sys
import threading
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served
from served import event

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
except ImportError:
    Ed25519PrivateKey = Ed25519PublicKey = None


def sha256(data):
    return hashlib.sha256(data).digest()


def root_of(hashes):
    """MTH over hashes of leaves (RFC 6962, section 2.1)."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\1" + root_of(hashes[:k]) + root_of(hashes[k:]))


def path_of(index, hashes):
    """The inclusion proof of a leaf (section 2.1.1)."""
    if len(hashes) == 1:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if index < k:
        return path_of(index, hashes[:k]) + [root_of(hashes[k:])]
    return path_of(index - k, hashes[k:]) + [root_of(hashes[:k])]


def root_by(index, size, leaf, proof):
    """What an inclusion proof leads to (RFC 9162, section 2.1.3.2)."""
    fn, sn, r = index, size - 1, leaf
    for c in proof:
        assert sn > 0
        if fn & 1 or fn == sn:
            r = sha256(b"\1" + c + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1" + r + c)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


def consistency(old, hashes, whole=True):
    """The proof that a tree over these hashes begins with that over the first `old` (RFC 6962, section 2.1.2)."""
    if old == len(hashes):
        return [] if whole else [root_of(hashes)]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if old <= k:
        return consistency(old, hashes[:k], whole) + [root_of(hashes[k:])]
    return consistency(old - k, hashes[k:], False) + [root_of(hashes[:k])]


class Note:
    """A signed checkpoint, read as c2sp.org/signed-note says."""

    def __init__(self, text):
        self.text, lines = text.rsplit("\n\n", 1)
        self.text += "\n"
        self.signatures = {}
        for line in lines.splitlines():
            dash, name, blob = line.split(" ")
            assert dash == "\u2014"
            blob = base64.b64decode(blob, validate=True)
            self.signatures[name, blob[:4].hex()] = blob[4:]
        self.origin, size, root = self.text.splitlines()[:3]
        self.size, self.root = int(size), base64.b64decode(root)

    def is_signed_by(self, vkey):
        """Whether the holder of a verifier key signed it: a log (01), or a witness (04), and then since when."""
        name, key_id, key = vkey.split("+", 2)
        key = base64.b64decode(key)
        assert key_id == sha256(name.encode() + b"\n" + key)[:4].hex()
        signature = self.signatures.get((name, key_id))
        if signature is None:
            return False
        message = self.text.encode()
        if key[0] == 4:
            (seconds,) = struct.unpack(">Q", signature[:8])
            assert abs(seconds - time.time()) < 600
            message = f"cosignature/v1\ntime {seconds}\n".encode() + message
            signature = signature[8:]
        if Ed25519PublicKey is not None:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature, message)
        return True


class WitnessServer(served.Server):
    """A witness that runs, on the same port each time."""

    def __init__(self, directory, port):
        super().__init__(directory, "--listen", f"127.0.0.1:{port}", command="witness")


class Log(served.ServedTest):
    def setUp(self):
        super().setUp()
        self.set_up_log('sign_every = "1s"\nwitness_every = "1s"\n')
        self.sent = 0

    def set_up_log(self, lines):
        text = self.settings.read_text()
        self.settings.write_text(text.replace("\n[[serve.source]]", f"\n[serve]\n{lines}\n[[serve.source]]", 1))
        self.verifier_key = next(line.split('"')[1] for line in text.splitlines() if line.startswith("verifier_key"))

    def send(self, server, count, label=""):
        body = "\n".join(event(self.sent + n, id=f"{label}{self.sent + n}") for n in range(count)) + "\n"
        self.sent += count
        status, answer = self.ask(self.connect(server), "POST", "/v1/events", body, self.token)
        self.assertEqual((status, json.loads(answer)["accepted"]), (200, count))

    def get(self, server, path, token=None):
        connection = self.connect(server)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def until(self, condition, seconds=40):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.1)
        self.fail("it did not come true in time")

    def checkpoint(self, server, size=0):
        """The first checkpoint that is published with at least so many entries."""

        def look():
            status, body, headers = self.get(server, "/log/checkpoint")
            if status == 503:  # the first is not cosigned yet
                return None
            self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; charset=utf-8"))
            note = Note(body.decode())
            return note.size >= size and note

        note = self.until(look)
        self.assertTrue(note.is_signed_by(self.verifier_key))
        return note

    def metric(self, server, name):
        text = self.get(server, "/metrics")[1].decode()
        served.check_metrics(self, text)
        return next((float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " ")), None)


class Tiles(Log):
    def fetch(self, server, level, size, token=None):
        """All tiles of a level of a tree of that size, or all bundles."""
        count = size if level == "entries" else size >> (8 * level)
        parts = []
        for number in range((count + 255) // 256):
            path = f"{number % 1000:03}"
            rest = number // 1000
            while rest:
                path, rest = f"x{rest % 1000:03}/{path}", rest // 1000
            width = min(256, count - number * 256)
            path = f"/log/tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")
            status, body, headers = self.get(server, path, token)
            self.assertEqual((status, headers["Content-Type"]), (200, "application/octet-stream"), path)
            self.assertIn("immutable", headers["Cache-Control"])
            parts.append(body)
        return parts

    def test_anybody_recomputes_the_root_and_a_proof_from_the_tiles(self):
        made = self.weerbaar("token", "archive", "--mirror", "--json").json()
        self.settings.write_text(self.settings.read_text() + f'\n[[serve.mirror]]\nname = "{made["mirror"]}"\n'
                                 f'token_sha256 = "{made["token_sha256"]}"\n')
        server = self.start()
        self.send(server, 300)
        early = self.checkpoint(server, 300)
        self.send(server, 70_000)
        note = self.checkpoint(server, 70_300)
        for tree in (early, note):
            leaves = [tile[i:i + 32] for tile in self.fetch(server, 0, tree.size) for i in range(0, len(tile), 32)]
            self.assertEqual(len(leaves), tree.size)
            self.assertEqual(root_of(leaves), tree.root)
            for level in (1, 2):
                above = [tile[i:i + 32] for tile in self.fetch(server, level, tree.size) for i in range(0, len(tile), 32)]
                span = 256 ** level
                self.assertEqual(above, [root_of(leaves[i * span:(i + 1) * span]) for i in range(tree.size // span)])
        proof = path_of(12_345, leaves)
        self.assertEqual(root_by(12_345, note.size, leaves[12_345], proof), note.root)
        # The entries behind the hashes, for a mirror; what it reads is on record.
        self.assertEqual(self.get(server, "/log/tile/entries/000")[0], 401)
        entries = []
        for bundle in self.fetch(server, "entries", early.size, made["token"]):
            while bundle:
                (length,) = struct.unpack(">H", bundle[:2])
                entries.append(bundle[2:2 + length])
                bundle = bundle[2 + length:]
        self.assertEqual([sha256(b"\0" + entry) for entry in entries], leaves[:early.size])
        self.assertNotIn(b"123456782", b"".join(entries))
        # Nothing that no checkpoint covers.
        for path in ("/log/tile/0/999", "/log/tile/3/000.p/1", "/log/tile/0/000.p/0"):
            self.assertEqual(self.get(server, path)[0], 404)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        out = self.directory / "out"
        self.weerbaar("tiles", self.data, out)
        self.assertEqual((out / "tile/0/000").read_bytes(), b"".join(leaves[:256]))
        found = self.weerbaar("consultations", self.data, "--by", "mirror:archive", "--json").lines()
        self.assertEqual([(line["source"], line["action"]) for line in found], [("self", "export")])


class Witnessed(Log):
    def setUp(self):
        super().setUp()
        self.witnesses = {}
        self.ports = {}
        self.vkeys = {}
        for name in ("one", "two"):
            directory = self.directory / name
            made = self.weerbaar("witness", directory, "init", f"{name}.example.org/w", "--json").json()
            self.vkeys[name] = made["verifier_key"]
            settings = directory / "witness.toml"
            settings.write_text(settings.read_text() + f'\n[[log]]\nkeys = ["{self.verifier_key}"]\n')
            self.start_witness(name)
        self.settings.write_text(self.settings.read_text() + "".join(
            f'\n[[serve.witness]]\nname = "{name}"\nurl = "https://localhost:{self.ports[name]}"\nkey = "{self.vkeys[name]}"\n'
            f'authorities = "{self.directory / name / "tls.crt"}"\n' for name in self.vkeys))

    def start_witness(self, name):
        witness = WitnessServer(str(self.directory / name), self.ports.get(name, 0))
        self.ports[name] = witness.port
        self.witnesses[name] = witness
        self.addCleanup(lambda: witness.process.poll() is None and witness.end(signal.SIGKILL))
        return witness

    def ask_witness(self, name, method, path, body=None):
        context = ssl.create_default_context(cafile=str(self.directory / name / "tls.crt"))
        connection = http.client.HTTPSConnection("localhost", self.ports[name], context=context, timeout=30)
        try:
            connection.request(method, path, body and body.encode())
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def seen_by(self, name):
        """The checkpoint that a monitor gets of the witness."""
        origin = "flow.example.org/reads"
        status, body, _ = self.ask_witness(name, "GET", f"/{sha256(origin.encode()).hex()}/checkpoint")
        if status == 404:
            return None
        self.assertEqual(status, 200)
        note = Note(body)
        self.assertTrue(note.is_signed_by(self.verifier_key) and note.is_signed_by(self.vkeys[name]))
        return note

    def test_a_witness_whose_certificate_nobody_vouches_for_is_given_nothing(self):
        # Two, of itself, vouches for nobody but itself.
        settings = self.settings.read_text()
        self.settings.write_text(settings.replace(str(self.directory / "one" / "tls.crt"), str(self.directory / "two" / "tls.crt")))
        server = self.start()
        self.send(server, 100)
        self.until(lambda: (seen := self.seen_by("two")) and seen.size >= 100)
        self.until(lambda: (self.metric(server, 'weerbaar_witness_failures_total{witness="one"}') or 0) > 0)
        self.assertIsNone(self.seen_by("one"))
        self.assertEqual(server.end(signal.SIGTERM), 0)

    def test_a_checkpoint_is_published_once_both_cosigned_through_restarts_of_each(self):
        server = self.start()
        self.send(server, 100)
        note = self.checkpoint(server, 100)
        for vkey in self.vkeys.values():
            self.assertTrue(note.is_signed_by(vkey))
        # One away: the last that both cosigned stays, and intake goes on.
        self.witnesses["two"].end(signal.SIGKILL)
        self.send(server, 100)
        self.until(lambda: self.seen_by("one").size >= 200)
        self.until(lambda: (self.metric(server, 'weerbaar_witness_failures_total{witness="two"}') or 0) > 0)
        self.assertEqual(self.checkpoint(server).size, note.size)
        self.start_witness("two")
        note = self.checkpoint(server, 200)
        self.assertTrue(all(note.is_signed_by(vkey) for vkey in self.vkeys.values()))
        # The server itself, killed.
        server.end(signal.SIGKILL)
        server = self.start()
        self.assertGreaterEqual(self.checkpoint(server).size, 200)
        self.send(server, 100)
        note = self.checkpoint(server, 300)
        self.assertEqual(self.metric(server, "weerbaar_witness_quorum"), 2)
        self.assertGreaterEqual(self.metric(server, "weerbaar_witness_quorum_entries"), 300)
        self.assertEqual(self.metric(server, 'weerbaar_witness_conflict{witness="one"}'), 0)
        shown = self.weerbaar("witnesses", self.data, "--json").lines()
        self.assertEqual([line["witness"] for line in shown[:2]], ["one", "two"])
        self.assertTrue(shown[2]["met"])
        self.assertGreaterEqual(shown[2]["size"], 300)
        self.assertIn("Quorum: 2 of 2", self.weerbaar("witnesses", self.data).out)
        self.assertEqual(server.end(signal.SIGTERM), 0)
        self.weerbaar("verify", self.data)
        kept = pathlib.Path(self.data) / "cosigned" / "checkpoint"
        self.weerbaar("verify", self.data, "--against", kept)
        self.assertEqual(Note(kept.read_text()).text, note.text)
        both = "".join(f"witness {name} {vkey}\n" for name, vkey in self.vkeys.items())
        policy = self.write("policy", f"log {self.verifier_key}\n{both}group g all one two\nquorum g\n")
        self.weerbaar("verify", self.data, "--policy", policy)
        stranger = self.weerbaar("witness", self.directory / "three", "init", "three.example.org/w", "--json").json()
        more = self.write("more", f"log {self.verifier_key}\n{both}witness three {stranger['verifier_key']}\n"
                          "group g all one two three\nquorum g\n")
        self.assertIn("not cosigned as the policy asks: 2 of its witnesses", self.weerbaar("verify", self.data, "--policy", more, status=1).out)
        self.weerbaar("verify", self.data, "--policy", self.write("wrong", "quorum x\n"), status=2)
        # A package of now, from which a court sees what the witnesses saw.
        package = self.directory / "package.zip"
        for what in (("0",), ("--of", "bsn:123456782")):
            self.weerbaar("prove", self.data, *what, "-o", package)
            checked = self.weerbaar("verify-package", package, "--policy", policy).out
            self.assertIn(f"cosigned the tree of the first {note.size} entries of that log", checked)
            self.assertIn("no witness had seen the last", checked)
            report = self.weerbaar("verify-package", package, "--policy", policy, "--json").json()["witnessed"]
            self.assertEqual((report["size"], [one["witness"] for one in report["by"]]), (note.size, ["one", "two"]))
            moment = min(one["time"] for one in report["by"])
            self.assertIn(f"of which witnesses saw {note.size} by {moment}", checked)
            self.assertEqual("complete_up_to" in report, what[0] == "--of")
            self.weerbaar("verify-package", package, "--policy", more, status=1)
        for name in self.vkeys:
            self.assertEqual(self.witnesses[name].end(signal.SIGTERM), 0)

    def prove_what_is_refused(self):
        """Neither a package nor a verification passes over that the witnesses refuse the log."""
        package = self.directory / "refused.zip"
        both = "".join(f"witness {name} {vkey}\n" for name, vkey in self.vkeys.items())
        policy = self.write("policy", f"log {self.verifier_key}\n{both}group g 1 one two\nquorum g\n")
        found = self.weerbaar("verify", self.data, "--policy", policy, status=1).out
        for name in self.vkeys:
            self.assertIn(f"WRONG  witnesses: {name} refuses this log", found)
        self.weerbaar("verify", self.data)
        error = self.weerbaar("prove", self.data, "0", "-o", package, status=3).err
        self.assertIn("witness one refuses this log", error)
        self.assertIn("--although-refused", error)
        self.assertFalse(package.exists())
        made = self.weerbaar("prove", self.data, "0", "-o", package, "--although-refused", "--json").json()
        self.assertEqual(made["refused_by"], ["one", "two"])
        with zipfile.ZipFile(package) as archive:
            self.assertNotIn("witnessed", archive.namelist())
            self.assertIn("of the 2 witnesses of this log 2 refuse it", archive.read("STATEMENT.en.md").decode())
        self.weerbaar("verify-package", package)
        self.weerbaar("verify-package", package, "--policy", policy, status=1)

    def copy_of_log(self, name):
        for what in ("data", "data.keys"):
            shutil.copytree(self.directory / what, self.directory / name / what)

    def put_back(self, name, what=("data", "data.keys")):
        for one in what:
            shutil.rmtree(self.directory / one)
            shutil.copytree(self.directory / name / one, self.directory / one)

    def test_a_log_that_was_put_back_and_grew_otherwise_is_refused_and_everybody_can_see_it(self):
        server = self.start()
        self.send(server, 50)
        self.checkpoint(server, 50)
        server.end(signal.SIGTERM)
        self.copy_of_log("backup")
        server = self.start()
        self.send(server, 50)
        before = self.checkpoint(server, 100)
        self.until(lambda: self.seen_by("one").size == self.seen_by("two").size)
        server.end(signal.SIGTERM)
        witnessed = {name: self.seen_by(name) for name in self.vkeys}
        self.copy_of_log("whole")
        # All of it is put back, keys and what was cosigned too: only the witnesses know.
        self.put_back("backup")
        server = self.start()
        self.send(server, 5, "other")
        refused = server.wait_for("a witness refuses the log")
        self.assertEqual(refused["level"], "error")
        self.assertIn("more entries than the trail holds", refused["why"])
        self.until(lambda: self.metric(server, 'weerbaar_witness_conflict{witness="two"}') == 1)
        self.assertEqual(self.metric(server, "weerbaar_ready"), 1)  # intake goes on
        # It grows beyond what they saw: then they find that it is another.
        self.send(server, 200, "other")
        self.until(lambda: any("does not continue what it cosigned" in line for line in server.log))
        for name, note in witnessed.items():
            self.assertEqual(self.seen_by(name).text, note.text)
        # Nothing is published that nobody vouches for, nor after a restart; and the command tells of it.
        self.until(lambda: self.get(server, "/log/checkpoint")[0] == 503)
        self.assertEqual(self.get(server, "/log/tile/0/000.p/1")[0], 404)
        self.assertIn("refuses the log", self.weerbaar("witnesses", self.data, status=1).out)
        server.end(signal.SIGTERM)
        self.prove_what_is_refused()
        server = self.start()
        self.assertEqual(self.get(server, "/log/checkpoint")[0], 503)
        server.end(signal.SIGTERM)
        # Only the trail is put back: what was cosigned tells it at once, without anybody to ask.
        self.put_back("whole")
        shutil.rmtree(pathlib.Path(self.data) / "trail")
        shutil.copytree(self.directory / "backup" / "data" / "trail", pathlib.Path(self.data) / "trail")
        shutil.rmtree(self.keys)
        shutil.copytree(self.directory / "backup" / "data.keys", self.keys)
        for witness in self.witnesses.values():
            witness.end(signal.SIGTERM)
        self.assertIn("entries were lost or put back", self.weerbaar("witnesses", self.data, status=1).out)
        server = self.start()
        told = server.wait_for("the trail is not the one that a witness cosigned: entries were lost, put back or changed")
        self.assertEqual(told["level"], "error")
        server.end(signal.SIGTERM)
        # And the log as it was is taken again.
        self.put_back("whole")
        for name in self.vkeys:
            self.start_witness(name)
        server = self.start()
        self.send(server, 10)
        self.checkpoint(server, before.size + 10)
        self.assertEqual(self.metric(server, 'weerbaar_witness_conflict{witness="one"}'), 0)

    @unittest.skipIf(Ed25519PrivateKey is None, "Python has no package cryptography")
    def test_of_two_histories_that_are_pressed_on_a_witness_one_is_cosigned_however_often_it_is_killed(self):
        origin = "fork.example/log"
        key = Ed25519PrivateKey.generate()
        public = b"\1" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        key_id = sha256(origin.encode() + b"\n" + public)[:4]
        settings = self.directory / "one" / "witness.toml"
        vkey = f"{origin}+{key_id.hex()}+{base64.b64encode(public).decode()}"
        settings.write_text(settings.read_text() + f'\n[[log]]\nkeys = ["{vkey}"]\n')
        common = [sha256(b"\0common" + str(n).encode()) for n in range(5)]
        histories = {name: common + [sha256(b"\0" + name.encode() + str(n).encode()) for n in range(400)] for name in "AB"}
        released = []
        stop = threading.Event()

        def text_of(hashes):
            return f"{origin}\n{len(hashes)}\n{base64.b64encode(root_of(hashes)).decode()}\n"

        def press(name):
            leaves, size, old = histories[name], 6, 0
            while not stop.is_set() and size < len(leaves):
                text = text_of(leaves[:size])
                proof = consistency(old, leaves[:size]) if 0 < old <= size else []
                lines = "".join(base64.b64encode(one).decode() + "\n" for one in proof)
                signature = base64.b64encode(key_id + key.sign(text.encode())).decode()
                body = f"old {min(old, size)}\n{lines}\n{text}\n\u2014 {origin} {signature}\n"
                try:
                    status, answer, _ = self.ask_witness("one", "POST", "/add-checkpoint", body)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.02)
                    continue
                if status == 200:
                    assert Note(f"{text}\n{answer}").is_signed_by(self.vkeys["one"])
                    released.append((size, name))
                    old, size = size, size + 1
                elif status == 409:
                    old = int(answer)
                    size = max(size, old + 1)
                time.sleep(0.002)

        pressing = [threading.Thread(target=press, args=(name,)) for name in histories]
        for thread in pressing:
            thread.start()
        for _ in range(8):
            time.sleep(0.3)
            self.witnesses["one"].end(signal.SIGKILL)
            self.start_witness("one")
        before = len(released)
        self.until(lambda: len(released) > before + 3)
        stop.set()
        for thread in pressing:
            thread.join()
        self.assertGreater(len(released), 10)
        self.assertEqual(len({name for _, name in released}), 1, released)
        self.assertEqual([size for size, _ in released], sorted({size for size, _ in released}))

    def test_a_witness_answers_strangers_as_the_standard_says_and_reads_new_logs_at_a_reload(self):
        self.assertEqual(self.ask_witness("one", "POST", "/add-checkpoint", "nonsense")[0], 400)
        other = self.directory / "other"
        self.weerbaar("init", other, "--origin", "other.example/log")
        note = (other / "trail" / "checkpoint").read_text()
        self.assertEqual(self.ask_witness("one", "POST", "/add-checkpoint", "old 0\n\n" + note)[0], 404)
        settings = self.directory / "one" / "witness.toml"
        key = next(line.split('"')[1] for line in (other / "weerbaar.toml").read_text().splitlines() if line.startswith("verifier_key"))
        settings.write_text(settings.read_text() + f'\n[[log]]\nkeys = ["{key}"]\n')
        self.witnesses["one"].process.send_signal(signal.SIGHUP)
        self.witnesses["one"].wait_for("settings were read again")
        status, body, _ = self.ask_witness("one", "POST", "/add-checkpoint", "old 0\n\n" + note)
        self.assertEqual(status, 200)
        self.assertTrue(Note(note + body).is_signed_by(self.vkeys["one"]))
        status, body, headers = self.ask_witness("one", "POST", "/add-checkpoint", "old 1\n\n" + note)
        self.assertEqual(status, 400)
        self.assertEqual(self.ask_witness("one", "GET", "/metrics")[0], 200)
        second = subprocess.run([flow.PROGRAM, "witness", str(self.directory / "one"), "--listen", "127.0.0.1:0"],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(second.returncode, 3, second.stderr)


if __name__ == "__main__":
    flow.main()
