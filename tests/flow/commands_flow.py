"""Every command, with good and bad input, as a user types them."""

import hashlib
import json
import os
import pathlib
import shutil
import re
import ssl
import subprocess
import sys
import threading
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow


def event(number, **fields):
    """A line of JSON Lines."""
    base = {
        "id": f"run-{number:06}",
        "source": "bvr",
        "time": f"2026-03-02T08:{number // 60 % 60:02}:{number % 60:02}Z",
        "actor": {"id": f"u{number % 7}"},
        "action": "read",
        "system": "BVR",
        "subjects": [{"type": "bsn", "id": "123456782" if number % 2 else "111222333"}],
    }
    return json.dumps({**base, **fields}, ensure_ascii=False)


# A mapping for CSV.
LETTERS = """
format = "csv"
source = "brieven"
delimiter = ";"
header = true
[fields]
id = {column = "NR"}
time = {column = "TIJD", format = "%d-%m-%Y %H:%M:%S", zone = "Europe/Amsterdam"}
"actor.id" = {column = "MEDEWERKER"}
action = {constant = "read"}
system = {constant = "BRIEVEN"}
[[subjects]]
type = "bsn"
column = "BSN"
pad = 9
"""


class Commands(flow.FlowTest):
    def ingest(self, name, *more, status=0):
        return self.weerbaar("ingest", self.data, "--format", "jsonl", name, "--json", *more, status=status).json()

    def test_the_same_file_twice_and_half_then_whole_give_each_event_once(self):
        self.init()
        lines = [event(n) for n in range(1, 1001)]
        half = self.write("half.jsonl", "\n".join(lines[:500])[:-20])
        whole = self.write("whole.jsonl", "\n".join(lines) + "\n")
        first = self.ingest(half, status=1)  # its last line is cut
        self.assertEqual((first["accepted"], first["refused"]), (499, 1))
        second = self.ingest(whole)
        self.assertEqual((second["accepted"], second["duplicate"], second["refused"]), (501, 499, 0))
        third = self.ingest(whole)
        self.assertEqual((third["accepted"], third["duplicate"]), (0, 1000))
        self.assertEqual(third["root"], second["root"])

    def test_a_csv_cut_anywhere_in_its_last_line_and_then_whole_gives_each_event_once_and_right(self):
        self.init()
        mapping = self.write("m.toml", LETTERS)

        def take(files, status):
            return self.weerbaar("ingest", self.data, "--format", "csv", "--mapping", mapping, *files, "--json",
                                 status=status).json()

        header = "NR;TIJD;MEDEWERKER;BSN\n"
        last = "2;02-03-2026 09:00:01;u2;100000083"
        whole = f"{header}1;02-03-2026 09:00:00;u1;123456782\n{last}\n"
        cuts = [self.write(f"cut-{size}.csv", whole[: len(whole) - size]) for size in range(1, len(last) + 1)]
        cut = take(cuts, status=1)
        self.assertEqual((cut["accepted"], cut["duplicate"], cut["refused"]), (1, len(cuts) - 1, len(cuts)))
        rest = take([self.write("whole.csv", whole)], status=0)
        self.assertEqual((rest["accepted"], rest["duplicate"], rest["refused"]), (1, 1, 0))
        found = self.weerbaar("consultations", self.data, "--by", "u2", "--json", "--keys", self.keys).lines()
        self.assertEqual([line["subjects"] for line in found], [[{"type": "bsn", "id": "100000083"}]])

    def test_consultations_name_who_looked_only_to_who_holds_the_keys(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 100))))
        shown = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json", "--keys", self.keys).lines()
        self.assertEqual(len(shown), 50)
        self.assertEqual({line["actor"]["id"] for line in shown}, {f"u{n}" for n in range(7)})
        self.assertEqual(shown, sorted(shown, key=lambda line: (line["time"], line["index"])))
        hidden = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json").out
        self.assertNotIn("123456782", hidden)
        self.assertIsNone(re.search(r'"u\d"', hidden))
        pseudonym = json.loads(hidden.splitlines()[0])["actor"]["id"]
        by = self.weerbaar("consultations", self.data, "--by", pseudonym, "--json", "--keys", self.keys).lines()
        self.assertEqual(len({line["actor"]["id"] for line in by}), 1)
        told = self.weerbaar("consultations", self.data, "--of", "employee:" + by[0]["actor"]["id"], "--json").lines()
        self.assertEqual([line["component"] for line in told], ["consultations"])  # by a pseudonym too
        limited = self.weerbaar("consultations", self.data, "--by", "u3", "--json", "--limit", 2)
        self.assertEqual(len(limited.lines()), 2)
        self.assertIn("more", limited.err)
        ranged = self.weerbaar("consultations", self.data, "--by", "u3", "--json", "--from", "2026-03-02T08:01:00Z",
                               "--to", "2026-03-02T08:01:10Z").lines()
        self.assertEqual([line["time"] for line in ranged], ["2026-03-02T08:01:06Z"])

    def test_every_query_is_recorded_before_it_is_answered(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)))
        self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--case", "Z-1", "--reason", "verzoek burger")
        self.weerbaar("count", self.data, "--group-by", "day")
        own = self.weerbaar("count", self.data, "--group-by", "source,component", "--json").lines()
        self.assertIn({"source": "self", "component": "consultations", "count": 1}, own)
        self.assertIn({"source": "self", "component": "count", "count": 1}, own)
        about = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--keys", self.keys, "--json").lines()
        recorded = [line for line in about if line["source"] == "self"]
        self.assertEqual(recorded[0]["purpose"], {"case": "Z-1", "reason": "verzoek burger"})
        self.assertEqual(recorded[0]["action"], "search")

    def test_who_is_bared_by_an_answer_about_an_employee_finds_that_look_too(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 20))))
        self.weerbaar("consultations", self.data, "--by", "u3", "--keys", self.keys)
        self.weerbaar("prove", self.data, "1", "-o", self.directory / "one.zip", "--keys", self.keys)
        about = self.weerbaar("consultations", self.data, "--of", "bsn:111222333", "--json").lines()
        looks = [line for line in about if line["source"] == "self"]
        self.assertEqual([look["component"] for look in looks], ["consultations", "prove"])

    def test_bad_lines_are_kept_with_their_reason_and_the_rest_goes_on(self):
        self.init()
        bad = [
            b'{"id":"x","source":"\xff"}', b"", b"{" * 2000, b'{"id":"1\\u0000"}', event(3)[:-1].encode() + b',"id":"twice"}',
            b'{"unknown_field":1}', b"x" * (64 * 1024 + 1), event(4, time="2026-02-30T00:00:00Z").encode(),
        ]
        good = [event(1), event(2, subjects=[{"type": "bsn", "id": "123456789"}]), event(5, time="9999-12-31T23:59:59Z"),
                event(6, time="1999-01-01T00:00:00Z"), event(7, subjects=[{"type": "bsn", "id": "012345672"}])]
        content = b"\n".join([*bad, *(line.encode() for line in good)]) + b"\n"
        answer = self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("bad.jsonl", content), status=1)
        self.assertIn("5 events accepted", answer.out)
        kept = [json.loads(line) for line in (pathlib.Path(self.data) / "quarantine" / "refused.jsonl").read_text().splitlines()]
        self.assertEqual([entry["line"] for entry in kept], [1, 3, 4, 5, 6, 7, 8])
        self.assertTrue(all(entry["reason"] for entry in kept))
        self.assertEqual(os.stat(pathlib.Path(self.data) / "quarantine" / "refused.jsonl").st_mode & 0o77, 0)
        shown = self.weerbaar("consultations", self.data, "--of", "other:123456789", "--json", "--keys", self.keys).lines()
        self.assertEqual(shown[0]["attributes"], {"bsn_invalid": True})
        self.assertEqual(len(self.weerbaar("consultations", self.data, "--of", "bsn:012345672", "--json").lines()), 1)
        future = self.weerbaar("consultations", self.data, "--by", "u5", "--json").lines()
        self.assertEqual(future[0]["marks"], ["future"])

    def test_an_empty_file_is_no_error(self):
        self.init()
        self.assertEqual(self.ingest(self.write("empty.jsonl", ""))["accepted"], 0)

    def test_an_input_without_records_is_named(self):
        self.init()
        empty = self.write("empty.jsonl", "")
        answer = self.weerbaar("ingest", self.data, "--format", "jsonl", empty, self.write("a.jsonl", event(1)))
        self.assertEqual(answer.err.splitlines(), [f"{empty}: empty: no records"])
        answer = self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("blank.jsonl", "\n\n"), "--json")
        self.assertIn("blank.jsonl: no records", answer.err)
        self.assertEqual(answer.json()["accepted"], 0)
        answer = self.weerbaar("ingest", self.data, "--format", "jsonl")
        self.assertIn("standard input: empty: no records", answer.err)
        header = self.write("header.csv", "NR;TIJD;MEDEWERKER;BSN\n")
        answer = self.weerbaar("ingest", self.data, "--format", "csv", "--mapping", self.write("m.toml", LETTERS), header)
        self.assertIn("header.csv: no records", answer.err)

    def test_a_file_that_is_not_there_is_told_before_the_others_go_in(self):
        self.init()
        answer = self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("a.jsonl", event(1) + "\n{"),
                               self.directory / "b.jsonl", status=2)
        self.assertIn("b.jsonl", answer.err)
        self.assertFalse((pathlib.Path(self.data) / "quarantine").exists())
        self.assertEqual(self.weerbaar("verify", self.data, "--json").json()["size"], 0)

    def test_csv_goes_in_by_its_mapping_and_a_wrong_mapping_says_where(self):
        self.init()
        mapping = self.write("m.toml", LETTERS)
        rows = self.write("rows.csv", "NR;TIJD;MEDEWERKER;BSN\n1;02-03-2026 09:00:00;u1;12345672\n")
        self.weerbaar("ingest", self.data, "--format", "csv", "--mapping", mapping, rows)
        found = self.weerbaar("consultations", self.data, "--of", "bsn:012345672", "--json").lines()
        self.assertEqual(found[0]["time"], "2026-03-02T08:00:00Z")
        wrong = self.write("w.toml", 'format = "csv"\nsource = "x"\nfarbe = 1\n')
        answer = self.weerbaar("ingest", self.data, "--format", "csv", "--mapping", wrong, rows, status=2)
        self.assertIn("w.toml", answer.err)
        self.assertIn("farbe", answer.err)
        missing = self.write("missing.csv", "NR;TIJD;BSN\n1;02-03-2026 09:00:00;12345672\n")
        answer = self.weerbaar("ingest", self.data, "--format", "csv", "--mapping", mapping, missing, status=1)
        self.assertIn('missing.csv, line 1: the header lacks column "MEDEWERKER" of the mapping; it has 3 columns', answer.err)
        self.assertIn("m.toml", answer.err)
        self.assertNotIn("12345672", answer.err)
        kept = (pathlib.Path(self.data) / "quarantine" / "refused.jsonl").read_text()
        self.assertIn("MEDEWERKER", kept)

    def test_a_changed_byte_is_found_and_named(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 200))))
        report = self.weerbaar("verify", self.data, "--json").json()
        self.assertTrue(report["ok"])
        tail = next((pathlib.Path(self.data) / "trail" / "tail").iterdir())
        content = bytearray(tail.read_bytes())
        content[700] ^= 1
        tail.write_bytes(content)
        report = self.weerbaar("verify", self.data, "--json", status=1).json()
        self.assertFalse(report["ok"])
        self.assertIn("tail", report["problems"][-1]["where"])
        self.weerbaar("consultations", self.data, "--of", "bsn:123456782", status=3)

    def test_a_trail_put_back_to_an_older_state_is_found(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)), "--receipt", self.directory / "kept")
        older = {path: path.read_bytes() for path in pathlib.Path(self.data).rglob("*") if path.is_file()}
        self.ingest(self.write("b.jsonl", event(2)), "--receipt", self.directory / "kept-later")
        self.weerbaar("verify", self.data, "--against", self.directory / "kept")
        for path, content in older.items():
            path.write_bytes(content)
        self.weerbaar("verify", self.data, status=1)
        os.rename(self.keys, self.keys + ".away")
        self.weerbaar("verify", self.data)  # without keys and without a kept checkpoint nothing can show it
        self.weerbaar("verify", self.data, "--against", self.directory / "kept-later", status=1)

    def test_an_old_checkpoint_is_found_by_the_keys_and_shown_without_them(self):
        self.init()
        checkpoint = pathlib.Path(self.data) / "trail" / "checkpoint"
        self.ingest(self.write("a.jsonl", event(1)))
        older = checkpoint.read_bytes()
        self.ingest(self.write("b.jsonl", event(2)))
        checkpoint.write_bytes(older)
        found = self.weerbaar("verify", self.data, "--json", status=1).json()
        self.assertEqual([problem["where"] for problem in found["problems"]], ["checkpoint"])
        os.rename(self.keys, self.keys + ".away")
        report = self.weerbaar("verify", self.data, "--json").json()
        self.assertEqual((report["ok"], report["size"] - report["signed"]), (True, 1))
        self.assertIn("no signature is over the last 1 entry yet", self.weerbaar("verify", self.data).err)
        os.rename(self.keys + ".away", self.keys)
        self.ingest(self.write("c.jsonl", event(3)))
        report = self.weerbaar("verify", self.data, "--json").json()
        self.assertEqual((report["problems"], report["notes"], report["signed"]), ([], [], 3))

    def test_what_is_missing_is_not_taken_for_what_was_never_there(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)))
        checkpoint = pathlib.Path(self.data) / "trail" / "checkpoint"
        kept = checkpoint.read_bytes()
        checkpoint.unlink()
        answer = self.weerbaar("count", self.data, "--group-by", "day", status=3)
        self.assertIn("put a copy of it back", answer.err)
        self.assertNotIn("weerbaar init", answer.err)
        checkpoint.write_bytes(kept)
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        other = self.weerbaar("init", self.data + "-other", "--origin", "flow.example.org/reads", "--json").json()
        key = self.weerbaar("verify", self.data, "--json").json()
        self.assertTrue(key["ok"])
        text = settings.read_text()
        settings.write_text(re.sub(r'verifier_key = ".*"', f'verifier_key = "{other["verifier_key"]}"', text))
        self.assertIn("verifier_key", self.weerbaar("count", self.data, "--group-by", "day", status=3).err)

    def test_a_package_is_checked_without_the_trail(self):
        key = self.init()["verifier_key"]
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 50))))
        package = self.directory / "evidence.zip"
        self.weerbaar("prove", self.data, "--of", "bsn:123456782", "-o", package, "--keys", self.keys, "--reason", "zaak")
        os.rename(self.data, self.data + ".away")
        os.rename(self.keys, self.keys + ".away")
        report = self.weerbaar("verify-package", package, "--key", key, "--json").json()
        # 25, and the question itself.
        self.assertEqual((report["ok"], report["events"], report["origin"]), (True, 26, "flow.example.org/reads"))
        self.assertEqual((report["complete"], report["not_covered"]), (True, []))
        shown = self.weerbaar("verify-package", package, "--key", key).out
        self.assertIn("The package holds, and is complete: 26 accesses", shown)
        self.assertIn("Proven:  these 26 accesses, and no others", shown)
        content = bytearray(package.read_bytes())
        content[len(content) // 2] ^= 1
        self.weerbaar("verify-package", self.write("changed.zip", bytes(content)), "--key", key, status=1)

    def test_a_package_is_checked_by_hand_and_whoever_leaves_something_out_is_found(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 50))))
        package = self.directory / "evidence.zip"
        answer = self.weerbaar("prove", self.data, "--of", "bsn:123456782", "--to", "2026-03-02T08:00:11Z", "-o", package,
                               "--json").json()
        self.assertEqual((answer["events"], answer["complete"], answer["not_covered"]), (5, True, []))
        with zipfile.ZipFile(package) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        listing = re.search(r"```python\n(.*?)```", files["VERIFY.en.md"].decode(), re.S)[1]
        by_hand = [sys.executable, self.write("verify.py", listing)]
        run = subprocess.run([*by_hand, package], capture_output=True, text=True, check=True)
        self.assertIn("accesses: 5 and no others", run.stdout)
        hidden = next(name[8:-5] for name in files if name.endswith(".cbor"))
        changed = self.directory / "changed.zip"
        with zipfile.ZipFile(changed, "w") as archive:
            for name, content in files.items():
                if hidden not in name:
                    archive.writestr(name, content)
        self.assertNotEqual(subprocess.run([*by_hand, changed], capture_output=True).returncode, 0)
        report = self.weerbaar("verify-package", changed, "--json", status=1).json()
        self.assertFalse(report["complete"])
        self.assertIn("answer.json", [problem["where"] for problem in report["problems"]])

    def test_that_nobody_looked_is_proven_too(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 50))))
        package = self.directory / "evidence.zip"
        self.weerbaar("prove", self.data, "--of", "bsn:999990019", "--to", "2026-04-01", "-o", package)
        report = self.weerbaar("verify-package", package, "--json").json()
        self.assertEqual((report["ok"], report["events"], report["complete"]), (True, 0, True))

    def test_a_package_holds_as_many_chosen_entries_as_one_likes(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 601))))
        package = self.directory / "evidence.zip"
        made = self.weerbaar("prove", self.data, *range(600), 0, 7, "-o", package, "--json").json()
        self.assertEqual(made["events"], 600)
        report = self.weerbaar("verify-package", package, "--json").json()
        self.assertEqual((report["ok"], report["events"], report["complete"]), (True, 600, False))

    def test_a_name_that_is_no_utf8_does_not_stop_verify_from_saying_what_is_wrong(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)))
        foreign = os.path.join(os.fsencode(self.data), b"trail", b"segments", b"\xff")
        with open(foreign, "wb"):
            pass
        report = self.weerbaar("verify", self.data, "--json", status=1).json()
        self.assertFalse(report["ok"])

    def test_pipes_are_read_as_files_are(self):
        self.init()
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        lines = "\n".join(event(n) for n in range(1, 2001))
        writer = threading.Thread(target=pipe.write_text, args=(lines,))
        writer.start()
        self.assertEqual(self.ingest(pipe)["accepted"], 2000)
        writer.join()
        run = self.weerbaar("ingest", self.data, "--format", "jsonl", "/dev/stdin", "--json", stdin=lines)
        self.assertEqual(run.json()["duplicate"], 2000)

    def test_nobody_but_weerbaar_records_its_own_use(self):
        self.init()
        report = self.ingest(self.write("a.jsonl", event(1, source="self") + "\n" + event(2)), status=1)
        self.assertEqual((report["accepted"], report["refused"]), (1, 1))

    def test_tiles_are_written_for_the_signed_tree(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 601))))
        report = self.weerbaar("tiles", self.data, self.directory / "tiles", "--json").json()
        self.assertEqual(report["size"], 601)  # with the record of this export
        self.assertTrue((self.directory / "tiles" / "tile" / "0" / "002.p" / "89").is_file())

    def test_retention_destroys_the_keys_of_old_periods_on_record(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join([event(1, time="2015-05-01T00:00:00Z"), event(3)])))
        # A key that was made just now is kept for a while, however old the events under it say they are.
        self.assertEqual(self.weerbaar("retention", self.data, "--dry-run", "--json").json()["periods"], [])
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text(settings.read_text().replace("grace_days = 92", "grace_days = 0"))
        dry = self.weerbaar("retention", self.data, "--dry-run", "--json").json()
        self.assertEqual(dry["periods"], ["2015-Q2"])
        self.assertEqual(self.weerbaar("retention", self.data, "--json").json()["periods"], ["2015-Q2"])
        self.assertEqual(self.weerbaar("retention", self.data, "--json").json()["periods"], [])
        answer = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--keys", self.keys, "--json")
        self.assertEqual([line["time"] for line in answer.lines() if line["source"] == "bvr"], ["2026-03-02T08:00:03Z"])
        self.assertIn("2015-Q2", answer.err)
        self.weerbaar("verify", self.data)
        late = self.weerbaar("ingest", self.data, "--format", "jsonl", "--json",
                             self.write("late.jsonl", event(9, time="2015-06-01T00:00:00Z")), status=1)
        self.assertEqual(late.json()["refused"], 1)
        self.assertIn("Refused: bvr: event run-000009: the keys of 2015-Q2 were destroyed", late.err)
        self.assertIn("correct it at the source", late.err)

    def test_wrong_use_is_told_apart_from_trouble(self):
        self.init()
        self.weerbaar("init", self.data, status=2)
        self.weerbaar("init", "", status=2)
        self.assertIn("nonsense", self.weerbaar("nonsense", status=2).err)
        self.assertIn("--help", self.weerbaar(status=2).err)
        self.weerbaar("consultations", self.data, status=2)
        self.weerbaar("consultations", self.data, "--of", "bsn:1", status=2)
        self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--from", "2026-02-30", status=2)
        late = self.weerbaar("consultations", self.data, "--by", "u1", "--from", "2026-03-02", "--to", "2026-03-01", status=2)
        self.assertIn("--from", late.err)
        limit = self.weerbaar("consultations", self.data, "--by", "u1", "--limit", 0, status=2)
        self.assertLess(len(limit.err), 200)
        self.weerbaar("consultations", str(self.directory / "nothing"), "--by", "u1", status=2)
        self.weerbaar("ingest", self.data, "--format", "morse", status=2)
        self.weerbaar("count", self.data, "--group-by", "bsn", status=2)
        nonsense = self.write("nonsense", "no checkpoint")
        self.assertIn("--against", self.weerbaar("verify", self.data, "--against", nonsense, status=2).err)
        os.rename(self.keys, self.keys + ".away")
        answer = self.weerbaar("consultations", self.data, "--by", "u1", status=2)
        self.assertIn("keys", answer.err)

    def test_a_data_directory_may_have_any_name_that_its_settings_can_hold(self):
        odd = str(self.directory / 'a\n"b\\')
        self.weerbaar("init", odd)
        self.weerbaar("verify", odd)
        foreign = os.path.join(os.fsencode(self.directory), b"\xff")
        answer = self.weerbaar("init", os.fsdecode(foreign), status=2)
        self.assertIn("UTF-8", answer.err)
        self.assertFalse(os.path.exists(foreign))

    def test_a_certificate_for_the_server_is_made_with_the_directory_and_shown(self):
        made = self.init()
        self.assertEqual(made["certificate"], os.path.realpath(self.keys) + "/tls.crt")
        of = lambda path: hashlib.sha256(ssl.PEM_cert_to_DER_cert(pathlib.Path(path).read_text())).hexdigest().upper()
        self.assertEqual(made["certificate_sha256"].replace(":", ""), of(made["certificate"]))
        named = str(self.directory / "named")
        out = self.weerbaar("init", named, "--server", "weerbaar.example.org", "--server", "192.0.2.1").out
        self.assertIn(of(named + ".keys/tls.crt"), out.replace(":", ""))
        self.assertIn(os.path.realpath(named) + ".keys/tls.crt", out)
        names = subprocess.run(["openssl", "x509", "-in", named + ".keys/tls.crt", "-noout", "-ext", "subjectAltName"],
                               check=True, capture_output=True, text=True).stdout
        for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:weerbaar.example.org", "IP Address:192.0.2.1"):
            self.assertIn(name, names)
        other = str(self.directory / "other")
        self.assertIn("--server", self.weerbaar("init", other, "--server", "no name", status=2).err)
        self.weerbaar("init", other, "--server", "a.example", "--no-certificate", status=2)
        self.assertFalse(os.path.exists(other))
        none = self.weerbaar("init", other, "--no-certificate", "--json").json()
        self.assertEqual(list(none), ["origin", "verifier_key"])
        self.assertFalse(os.path.exists(other + ".keys/tls.crt"))

    def test_keys_are_not_made_inside_the_data_directory(self):
        for inside in (self.data, self.data + "/keys", self.data + "/trail/../trail/keys"):
            answer = self.weerbaar("init", self.data, "--keys", inside, status=2)
            self.assertIn("--keys", answer.err)
            self.assertFalse(os.path.exists(self.data))
        made = self.weerbaar("init", self.data, "--keys", self.data + "-keys").out
        self.assertIn(self.data + "-keys", made)

    def test_nothing_written_for_others_takes_the_place_of_a_file_of_the_log_or_its_keys(self):
        self.init()
        events = self.write("events.jsonl", event(1))
        self.ingest(events)
        link = self.directory / "link"
        link.symlink_to(self.keys)
        roots = [pathlib.Path(self.data), pathlib.Path(self.keys)]
        kept = {path: path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}
        for arguments in (
            ("prove", self.data, 0, "-o", self.data + "/trail/checkpoint"),
            ("prove", self.data, 0, "-o", self.data + "/trail/../../data/trail/checkpoint"),
            ("prove", self.data, 0, "-o", link / "signing.key"),
            ("tiles", self.data, self.data + "/trail"),
            ("tiles", self.data, self.keys),
            ("ingest", self.data, "--format", "jsonl", events, "--receipt", self.data + "/receipt"),
        ):
            refused = self.weerbaar(*arguments, status=2)
            self.assertIn("choose another place", refused.err)
        now = {path: path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}
        self.assertEqual(now, kept)
        self.weerbaar("prove", self.data, 0, "-o", self.data + ".zip")
        pipe = self.directory / "pipe"
        os.mkfifo(pipe)
        self.assertIn("pipe", self.weerbaar("prove", self.data, 0, "-o", pipe, status=2).err)
        self.assertTrue(pipe.is_fifo())

    def test_facts_go_into_the_register_and_their_import_into_the_trail(self):
        self.init()
        facts = self.write("employee.csv", "employee,surname,valid_from\nu1,Jansen,2026-01-01\n,x,\nu2,,2026-02-30\n")
        refused = self.weerbaar("register", self.data, "import", "employee", facts, status=1)
        self.assertIn("line 3", refused.err)
        self.assertIn("line 4", refused.err)
        self.assertNotIn("Jansen", refused.err + refused.out)
        again = self.write("again.csv", "employee,surname,valid_from\nu1,Jansen,2026-01-01\nu2,Pietersen,\n")
        report = self.weerbaar("register", self.data, "import", "employee", again, "--json").json()
        self.assertEqual((report["import"], report["added"], report["unchanged"], report["refused"]), (2, 1, 1, 0))
        register = pathlib.Path(self.data) / "register.db"
        self.assertEqual(register.stat().st_mode & 0o777, 0o600)
        self.assertIn("docs/register.md", self.weerbaar("register", self.data, "import", "--help").out)
        unknown = self.weerbaar("register", self.data, "import", "nobody", again, status=2)
        self.assertIn("case_employee", unknown.err)
        # Two imports, each a record, a use, and a record that it is done.
        self.assertEqual(self.weerbaar("verify", self.data, "--json").json()["signed"], 6)
        package = self.directory / "import.zip"
        self.weerbaar("prove", self.data, 3, "-o", package)
        with zipfile.ZipFile(package) as files:
            shown = b"".join(files.read(name) for name in files.namelist()).decode(errors="replace")
        digest = hashlib.sha256(pathlib.Path(again).read_bytes()).hexdigest()
        self.assertIn(digest, shown)

    def test_a_policy_is_the_one_that_the_trail_records_and_counts_from_its_day(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)))
        for name, day in (("One", "2026-01-01"), ("Two", "2026-02-01"), ("Later", "2999-01-01")):
            self.weerbaar("policy", self.data, "adopt", "--name", name, "--on", day)
        self.assertEqual(self.weerbaar("check", self.data, "--json").json()["policy"], 2)
        self.assertEqual(self.weerbaar("check", self.data, "--policy", 1, "--json").json()["policy"], 1)
        kept = pathlib.Path(self.data) / "policies" / "2.json"
        whole = kept.read_bytes()
        kept.write_bytes(whole.replace(b"flagged", b"explained", 1))
        self.assertIn("2.json is not the policy that was adopted", self.weerbaar("check", self.data, status=3).err)
        kept.unlink()
        self.assertIn("2.json is missing", self.weerbaar("check", self.data, status=3).err)
        # A crash came before it got its name.
        kept.with_name("2.json.new").write_bytes(whole)
        self.assertEqual(self.weerbaar("check", self.data, "--json").json()["policy"], 2)
        shutil.rmtree(kept.parent)
        self.assertIn("is missing", self.weerbaar("check", self.data, status=3).err)
        again = self.weerbaar("policy", self.data, "adopt", "--name", "Four", "--on", "2026-03-01", "--json").json()
        self.assertEqual(again["policy"], 4)

    def test_a_directory_goes_into_the_register_as_snapshots(self):
        self.init()
        enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

        def user(number, **fields):
            return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": f"id-{number}", "userName": f"u{number}",
                    "title": "clerk", enterprise: {"employeeNumber": number, "department": "West"}, **fields}

        def take(name, users, *more, status=0):
            group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "group", "displayName": "BVR-read",
                     "members": [{"value": one["id"]} for one in users if "id" in one]}
            page = {"totalResults": len(users) + 1, "Resources": [*users, group]}
            mapping = self.write("directory.toml", 'origin = "directory"\nsystem = "BVR"\n')
            return self.weerbaar("register", self.data, "import", "scim", self.write(name, json.dumps(page)), "--mapping",
                                 mapping, "--json", *more, status=status)

        first = take("first.json", [user("1001"), user("1002")], "--as-of", "2026-03-01").json()
        self.assertEqual((first["added"], first["refused"], first["ended"]), (8, 0, 0))
        again = take("again.json", [user("1001"), user("1002")], "--as-of", "2026-03-02").json()
        self.assertEqual((again["added"], again["unchanged"], again["ended"]), (0, 8, 0))
        left = take("left.json", [user("1001"), user("1002", active=False)], "--as-of", "2026-03-03").json()
        self.assertEqual((left["added"], left["unchanged"], left["ended"]), (0, 4, 4))
        bad = take("bad.json", [user("1001"), {"userName": "geheim"}], "--as-of", "2026-03-04", status=1)
        self.assertIn("bad.json, item 2: ", bad.err)
        self.assertNotIn("geheim", bad.err)
        older = take("older.json", [user("1001")], "--as-of", "2026-02-01", status=2)
        self.assertIn("--as-of", older.err)
        plain = self.weerbaar("register", self.data, "import", "scim", self.directory / "left.json", "--mapping",
                              self.directory / "directory.toml")
        self.assertIn("0 ended, 0 refused", plain.out)
        package = self.directory / "import.zip"
        self.weerbaar("prove", self.data, 6, "-o", package)
        with zipfile.ZipFile(package) as files:
            shown = b"".join(files.read(name) for name in files.namelist()).decode(errors="replace")
        for said in ("scim", "directory", "2026-03-03T00:00:00Z", hashlib.sha256((self.directory / "directory.toml").read_bytes()).hexdigest()):
            self.assertIn(said, shown)
        self.weerbaar("verify", self.data)

    def test_cases_and_entries_of_a_directory_go_into_the_register(self):
        self.init()
        cases = flow.ROOT / "src" / "register" / "cases"
        zgw = self.weerbaar("register", self.data, "import", "zgw", cases / "zgw" / "whole-pages" / "input.json", "--json").json()
        self.assertEqual((zgw["added"], zgw["refused"]), (5, 0))
        missing = cases / "zgw" / "whole-missing-page" / "input.json"
        self.weerbaar("register", self.data, "import", "zgw", missing)
        refused = self.weerbaar("register", self.data, "import", "zgw", missing, "--snapshot", status=2)
        self.assertIn("deliver all pages", refused.err)
        ldif = self.weerbaar("register", self.data, "import", "ldif", cases / "ldif" / "whole" / "input.ldif", "--mapping",
                             cases / "ldif" / "whole" / "mapping.toml", "--json").json()
        self.assertEqual((ldif["added"], ldif["refused"]), (12, 0))

    def test_a_snapshot_that_does_not_say_enough_is_wrong_use(self):
        self.init()
        units = self.write("unit.csv", "unit\nA\n")
        run = ("register", self.data, "import", "unit", units)
        self.assertIn("--origin", self.weerbaar(*run, "--snapshot", status=2).err)
        self.assertIn("--snapshot", self.weerbaar(*run, "--as-of", "2026-01-01", status=2).err)
        self.assertIn("future", self.weerbaar(*run, "--snapshot", "--origin", "hr", "--as-of", "9000-01-01", status=2).err)
        self.assertIn("--mapping", self.weerbaar(*run, "--mapping", units, status=2).err)
        self.assertIn("unit.csv:1:", self.weerbaar("register", self.data, "import", "scim", units, "--mapping", units, status=2).err)
        self.weerbaar(*run, "--snapshot", "--origin", "hr", "--as-of", "2026-01-01")
        empty = self.write("empty.csv", "unit\n")
        self.assertIn("no fact", self.weerbaar("register", self.data, "import", "unit", empty, "--snapshot", "--origin", "hr", status=2).err)

    def test_every_access_is_judged_by_an_adopted_policy_and_that_is_on_record(self):
        self.init()
        self.ingest(self.write("a.jsonl", "\n".join(event(n) for n in range(1, 15))))
        self.assertIn("adopt", self.weerbaar("check", self.data, status=2).err)
        adopted = self.weerbaar("policy", self.data, "adopt", "--name", "Beleid", "--on", "2026-03-01", "--json").json()
        self.assertEqual((adopted["policy"], adopted["rules"]), (1, 18))
        kept = pathlib.Path(self.data) / "policies" / "1.json"
        self.assertEqual(hashlib.sha256(kept.read_bytes()).hexdigest(), adopted["sha256"])

        def check(*more):
            return self.weerbaar("check", self.data, "--to", "2026-04-01", "--json", *more).json()

        before = check()
        self.assertEqual((before["checked"], before["unexplained"], before["policy"]), (14, 14, 1))
        known = self.write("case.csv", "case\nZ-1\n")
        cases = self.write("case_subject.csv", "case,subject\nZ-1,bsn:123456782\n")
        handlers = self.write("case_employee.csv", "case,employee\nZ-1,u1\nZ-1,u3\n")
        persons = self.write("employee.csv", "employee,subject\nu2,bsn:111222333\n")
        for table, file in (("case", known), ("case_subject", cases), ("case_employee", handlers), ("employee", persons)):
            self.weerbaar("register", self.data, "import", table, file)
        after = check()
        # Odd numbers open 123456782: 1 and 8 are of u1, 3 and 10 of u3; even ones 111222333: 2 and 9 are of u2.
        self.assertEqual((after["explained"], after["flagged"]), (2, 1))
        self.assertEqual(after["by_rule"]["handles-case"], 2)
        self.assertEqual(after["by_rule"]["self"], 1)
        self.assertEqual(after["first_checked"], 14)
        seen = self.weerbaar("consultations", self.data, "--by", "u2", "--json").lines()
        self.assertEqual([line["verdict"]["outcome"] for line in seen], ["flagged", "unexplained"])
        self.assertEqual(seen[0]["verdict"]["rules"], ["self"])
        self.assertEqual((seen[0]["verdict"]["check"], after["check"]), (2, 2))
        self.assertIn("flagged: self", self.weerbaar("consultations", self.data, "--by", "u2").out)
        # Why: the facts that it rests on, to who holds the keys.
        why = self.weerbaar("consultations", self.data, "--by", "u1", "--why", "--keys", self.keys, "--json").lines()
        reason, = why[0]["why"]
        self.assertEqual((reason["rule"], reason["concludes"], reason["subject"]), ("handles-case", "explained", 0))
        self.assertEqual([fact["table"] for fact in reason["facts"]], ["case_subject", "case", "case_employee"])
        self.assertEqual(reason["facts"][0]["columns"], {"subject": "bsn:123456782", "case": "Z-1"})
        self.assertEqual([(fact["import"], fact["place"]) for fact in reason["facts"]], [(2, "line 2"), (1, "line 2"), (3, "line 2")])
        self.assertEqual(why[1]["why"], [])
        text = self.weerbaar("consultations", self.data, "--by", "u3", "--why", "--keys", self.keys).out
        self.assertIn("handles-case explains bsn:123456782", text)
        self.assertRegex(text, "case_employee case=Z-1 employee=u3; import 3 of 20[^,]*, line 3")
        self.assertIn("self flags", self.weerbaar("consultations", self.data, "--by", "u2", "--why", "--keys", self.keys).out)
        self.assertIn("--keys", self.weerbaar("consultations", self.data, "--by", "u1", "--why", status=2).err)
        own = self.weerbaar("consultations", self.data, "--of", "bsn:123456782", "--json", "--keys", self.keys).lines()
        self.assertIn("by u1, why", [line.get("query") for line in own if line["source"] == "self"])
        # Verdicts that are damaged cost an answer nothing else.
        findings = pathlib.Path(self.data) / "checks" / "2.findings"
        whole = findings.read_bytes()
        findings.write_bytes(whole[:40] + b"x" + whole[41:])
        without = self.weerbaar("consultations", self.data, "--by", "u2", "--json")
        self.assertEqual([line["verdict"]["check"] for line in without.lines()], [1, 1])
        self.assertIn("2.findings: a block is damaged: remove it and check again", without.err)
        findings.write_bytes(whole)
        # Again, as it was known then: the same findings.
        self.assertEqual(check("--known-at", 0)["findings_sha256"], before["findings_sha256"])
        self.assertEqual(check()["findings_sha256"], after["findings_sha256"])
        self.assertNotEqual(before["findings_sha256"], after["findings_sha256"])
        self.assertIn("last import is 4", self.weerbaar("check", self.data, "--known-at", 9, status=2).err)
        self.assertIn("no control policy 7", self.weerbaar("check", self.data, "--policy", 7, status=2).err)
        shown = self.weerbaar("check", self.data, "--to", "2026-04-01").out
        self.assertIn("handles-case", shown)
        # Who else opened the person of the case has the fact missing that u1 and u3 have.
        # Of persons at random few have a case.
        persons = self.write("person.csv", "subject,surname\n" + "".join(f"other:P{n},\n" for n in range(200)))
        self.weerbaar("register", self.data, "import", "person", persons)
        few = self.weerbaar("missing-facts", self.data, "--to", "2026-04-01", "--by", "hour", "--json").lines()
        self.assertEqual([(line["hour"], line["few"], line["checked"]) for line in few], [("(fewer than five employees)", True, 14)])
        self.assertNotIn("  08 ", self.weerbaar("missing-facts", self.data, "--to", "2026-04-01").out)
        # The register knows three of seven employees: once it knows all, the hour is shown.
        duties = self.write("duty.csv", "employee,region\n" + "".join(f"u{n},east\n" for n in range(1, 8)))
        self.weerbaar("register", self.data, "import", "duty", duties)
        lines = self.weerbaar("missing-facts", self.data, "--to", "2026-04-01", "--by", "hour", "--json").lines()
        self.assertEqual([(line["hour"], line["checked"], line["unexplained"]) for line in lines], [("08", 14, 11)])
        self.assertNotIn("few", lines[0])
        lacks = {(fact["rule"], fact.get("table"), fact["lack"]): fact["accesses"] for fact in lines[0]["missing"]}
        self.assertEqual(lacks[("handles-case", "case_employee", "fact")], 5)
        self.assertIn("more with a fact of case_employee, for handles-case",
                      self.weerbaar("missing-facts", self.data, "--to", "2026-04-01").out)
        self.assertIn("unit, system and hour", self.weerbaar("missing-facts", self.data, "--by", "day", status=2).err)
        self.weerbaar("verify", self.data)
        rules = self.directory / "rules"
        (rules / "own").mkdir(parents=True)
        (rules / "own" / "rule.toml").write_text('conclusion = "flagged"\n[[step]]\ntable = "hony"\n')
        for name in ("explanation.nl.md", "explanation.en.md", "cases.toml"):
            (rules / "own" / name).write_text("")
        wrong = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules, status=2)
        self.assertIn("own/rule.toml:3:9: there is no such table", wrong.err)
        (rules / "own" / "cases.toml").unlink()
        wrong = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules, status=2)
        self.assertIn("own is no whole rule: write there cases.toml (a [[case]] in which", wrong.err)
        self.assertEqual(len(list(kept.parent.iterdir())), 1)

    def test_a_policy_of_an_own_folder_passes_over_what_is_no_rule(self):
        self.init()
        rules = self.directory / "rules"
        (rules / ".git").mkdir(parents=True)
        for name in ("README.md", ".DS_Store"):
            (rules / name).write_text("x")
        empty = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules, status=2)
        self.assertIn("holds no folder of a rule", empty.err)
        (rules / "own").mkdir()
        (rules / "own" / "rule.toml").write_text(
            'conclusion = "flagged"\n[[step]]\ntable = "honey"\nsubject = "access.subject"\n')
        for language in ("nl", "en"):
            (rules / "own" / f"explanation.{language}.md").write_text("# x")
        case = '[[case]]\nname = "{}"\nfires = {}\nfacts = [ {{ table = "honey", subject = "bsn:{}" }} ]\n' \
               'access = {{ time = "2026-03-02", employee = "e1", subject = "bsn:123456782" }}\n'
        cases = rules / "own" / "cases.toml"
        cases.write_text(case.format("the person", "true", 123456782) + case.format("the person too", "false", 123456782))
        wrong = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules, status=2)
        self.assertIn('own/cases.toml:6:1: in the case "the person too" the rule own fires, and must not', wrong.err)
        self.assertIn("is a rule: name the folder above it",
                      self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules / "own", status=2).err)
        cases.write_text(case.format("the person", "true", 123456782) + case.format("another", "false", 111222333))
        adopted = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules, "--on", "2999-01-01")
        self.assertIn(": 1 rule, ", adopted.out)
        self.assertIn("Control policy 1 counts from that day, 2999-01-01.", adopted.err)
        now = self.weerbaar("policy", self.data, "adopt", "--name", "x", "--rules", rules)
        self.assertNotIn("counts from", now.err)

    def test_a_limit_of_file_size_is_an_error_and_loses_nothing(self):
        self.init()
        self.ingest(self.write("a.jsonl", event(1)))
        big = self.write("big.jsonl", "\n".join(event(n) for n in range(1, 20_000)))
        command = f"ulimit -f 64; exec '{flow.PROGRAM}' ingest '{self.data}' --format jsonl '{big}'"
        answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        self.assertEqual(answer.returncode, 3, answer.stderr)
        self.weerbaar("verify", self.data)
        self.assertEqual(self.ingest(big)["refused"], 0)

    def test_a_file_for_a_directory_and_a_directory_for_a_file_are_wrong_use(self):
        self.init()
        file = self.write("file", "x")
        asked = (("consultations", file, "--by", "u1"), ("ingest", file, "--format", "jsonl"), ("verify", file),
                 ("witness", file), ("init", file), ("sample", file), ("account", file, "list"),
                 ("consultations", self.data, "--by", "u1", "--keys", file), ("tiles", self.data, file),
                 ("policy", self.data, "adopt", "--name", "x", "--rules", file))
        for arguments in asked:
            self.assertIn("is a file: name a directory", self.weerbaar(*arguments, status=2).err, arguments)
        asked = (("trace", self.data, "--before", "2026-03-01", "--leaked", self.directory),
                 ("register", self.data, "import", "unit", self.directory), ("verify-package", self.directory),
                 ("prove", self.data, "1", "-o", self.directory), ("verify", self.data, "--against", self.directory),
                 ("ingest", self.data, "--format", "jsonl", self.directory))
        for arguments in asked:
            self.assertIn("is a directory: name a file", self.weerbaar(*arguments, status=2).err, arguments)
        self.assertIn("would lie in is a file", self.weerbaar("verify", file / "data", status=2).err)

    def test_a_token_is_made_for_names_that_the_settings_take(self):
        for name in ('a b"c', "", "é", "x" * 65):
            for kind in ((), ("--application",), ("--mirror",)):
                self.assertIn("1 to 64 letters", self.weerbaar("token", name, *kind, status=2).err)
        self.assertIn("Weerbaar itself", self.weerbaar("token", "self", status=2).err)
        answer = self.weerbaar("token", "x", "--application", "--mirror", status=2)
        self.assertIn("excludes", answer.err)
        self.assertEqual(answer.out, "")
        self.assertIn('name = "a.B_9-"', self.weerbaar("token", "a.B_9-").out)

    def test_an_empty_delivery_is_refused_in_every_format(self):
        self.init()
        empty = self.write("empty", "")
        mapping = self.write("m.toml", 'system = "BVR"\n')
        self.assertIn("empty", self.weerbaar("register", self.data, "import", "unit", empty, status=2).err)
        unended = self.write("unended.toml", 'system = "BVR"\nmay_lack_its_end = true\n')
        for kind, more, why in (("zgw", (), "the file is empty"),
                                ("scim", ("--mapping", mapping), "it holds no list"),
                                ("ldif", ("--mapping", mapping), "nothing tells that they are all"),
                                ("ldif", ("--mapping", unended), "it holds no fact")):
            refused = self.weerbaar("register", self.data, "import", kind, empty, *more, status=2).err
            self.assertIn(f"{empty}: ", refused)
            self.assertIn(why, refused)

    def test_one_is_no_plural(self):
        self.init()
        told = self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("a.jsonl", event(1))).out
        self.assertIn("1 event accepted, 0 taken before, 0 records refused.", told)
        self.assertIn("The trail holds 1 entry;", told)
        self.assertIn("1 group, 1 access.", self.weerbaar("count", self.data, "--group-by", "day").err)
        self.assertIn("The trail is whole: 2 entries in 0 segments", self.weerbaar("verify", self.data).out)

    def test_a_policy_without_a_cosigned_checkpoint_says_what_to_do(self):
        self.init()
        answer = self.weerbaar("verify", self.data, "--policy", self.write("policy", "x"), status=2)
        self.assertIn("no checkpoint of this log was cosigned by a quorum of witnesses yet", answer.err)

    def test_each_command_has_help(self):
        for command in ("init", "ingest", "consultations", "count", "verify", "prove", "verify-package", "tiles", "retention", "register", "policy", "check",
                        "trace"):
            self.assertIn("--json", self.weerbaar("--help").out)
            self.assertIn(command, self.weerbaar(command, "--help").out)


if __name__ == "__main__":
    flow.main()
