"""What a judgement rests on, changed behind the back of the program: it is said, and nothing is judged by it."""

import fcntl
import json
import pathlib
import shutil
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow


def event(number, time="2026-03-02T08:00:00Z"):
    return {"id": str(number), "source": "bvr", "time": time, "actor": {"id": f"u{number % 7}"}, "action": "read", "system": "BVR",
            "subjects": [{"type": "bsn", "id": "123456782"}]}


class Evidence(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.init()
        self.register = pathlib.Path(self.data) / "register.db"
        self.checks = pathlib.Path(self.data) / "checks"

    def ingest(self, *events):
        lines = "".join(json.dumps(one) + "\n" for one in events)
        self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("events.jsonl", lines))

    def adopt(self):
        self.weerbaar("policy", self.data, "adopt", "--name", "P", "--on", "2026-01-01")

    def take_in(self, table, text, *more, status=0):
        return self.weerbaar("register", self.data, "import", table, self.write("facts.csv", text), *more, status=status)

    def check(self, *more, status=0):
        answer = self.weerbaar("check", self.data, "--json", *more, status=status)
        return answer.json() if status == 0 else answer.err

    def make_judged(self):
        self.ingest(*(event(number) for number in range(1, 15)))
        self.adopt()
        self.take_in("case", "case\nZ-1\n")
        self.take_in("case_subject", "case,subject\nZ-1,bsn:123456782\n")
        self.take_in("case_employee", "case,employee\nZ-1,u1\n")

    def refuse(self, what):
        """Every command that judges, and the next import."""
        for command in (("check",), ("signals",), ("missing-facts",)):
            error = self.weerbaar(command[0], self.data, *command[1:], status=3).err
            self.assertIn(what, error, command)
            self.assertIn("register.db", error)
            self.assertIn("weerbaar register DIR restored", error)
        error = self.take_in("case_employee", "case,employee\nZ-1,u5\n", status=3).err
        self.assertIn(what, error)
        self.assertNotIn("facts.csv", error)

    def test_a_register_that_was_removed_or_is_an_older_copy_is_refused_until_that_is_recorded(self):
        self.make_judged()
        older = self.register.read_bytes()
        before = self.check()
        self.take_in("case_employee", "case,employee\nZ-1,u2\n")
        after = self.check()
        self.assertEqual((before["explained"], after["explained"]), (2, 4))
        newest = self.register.read_bytes()
        self.register.write_bytes(older)
        self.refuse("it holds 3 imports, and the trail 4")
        self.register.unlink()
        self.refuse("it holds 0 imports, and the trail 4")
        self.register.write_bytes(newest)
        self.assertEqual(self.check()["findings_sha256"], after["findings_sha256"])
        self.assertEqual(self.weerbaar("register", self.data, "restored", "--json").json(), {"undone": 0, "last_import": 4})
        self.register.write_bytes(older)
        restored = self.weerbaar("register", self.data, "restored", "--reason", "disk lost", "--json").json()
        self.assertEqual(restored, {"undone": 1, "last_import": 3})
        again = self.check()
        self.assertEqual((again["findings_sha256"], again["register_sha256"]), (before["findings_sha256"], before["register_sha256"]))
        self.take_in("case_employee", "case,employee\nZ-1,u2\n")
        self.assertEqual(self.check()["findings_sha256"], after["findings_sha256"])
        # All of it again, from nothing.
        self.register.unlink()
        self.assertEqual(self.weerbaar("register", self.data, "restored", "--json").json(), {"undone": 4, "last_import": 0})
        self.take_in("case", "case\nZ-1\n")
        self.check()
        self.weerbaar("verify", self.data)

    def test_a_fact_that_was_put_in_by_hand_explains_nothing(self):
        self.make_judged()
        with sqlite3.connect(self.register) as database:
            database.execute("INSERT INTO fact_case_employee SELECT \"case\", 'u3', valid_from, valid_to, recorded_in, 9, NULL FROM fact_case_employee")
        database.close()
        self.refuse('the table "case_employee" as it was known after import 3 is another')
        self.assertIn("is another", self.weerbaar("register", self.data, "restored", status=3).err)

    def test_the_same_check_finds_the_same_whatever_came_since(self):
        self.make_judged()
        first = self.check()
        self.assertGreater(first["own_uses"], 0)
        second = self.check()  # it judges the use that the first one was
        self.assertGreater(second["own_uses"], first["own_uses"])
        self.assertEqual((second["findings_sha256"], second["checked"]), (first["findings_sha256"], 14))
        self.take_in("case_employee", "case,employee\nZ-1,u3\n")
        self.ingest(event(20))
        self.assertNotEqual(self.check()["findings_sha256"], first["findings_sha256"])
        same = self.check("--size", first["size"], "--policy", 1, "--known-at", first["facts_of_import"])
        for name in ("findings_sha256", "own_findings_sha256", "register_sha256", "size", "checked", "own_uses"):
            self.assertEqual(same[name], first[name], name)
        shown = self.weerbaar("check", self.data, "--size", first["size"]).out
        self.assertIn(f"of the trail at size {first['size']}, facts of import 4", shown)
        self.assertIn("the trail has", self.check("--size", 1_000_000, status=2))

    def test_a_file_of_findings_that_is_not_what_the_trail_records_is_said_and_left_out(self):
        self.make_judged()
        self.check("--known-at", 0)
        self.check()

        def verdicts():
            answer = self.weerbaar("consultations", self.data, "--by", "u1", "--json")
            return {(line["verdict"]["check"], line["verdict"]["outcome"]) for line in answer.lines()}, answer.err

        self.assertEqual(verdicts(), ({(2, "explained")}, verdicts()[1]))
        whole = (self.checks / "2.findings").read_bytes()
        shutil.copy(self.checks / "1.findings", self.checks / "2.findings")
        found, said = verdicts()
        self.assertEqual(found, {(1, "unexplained")})
        self.assertIn("2.findings is not what check 2 found", said)
        # One that no check made.
        shutil.copy(self.checks / "1.findings", self.checks / "9.findings")
        (self.checks / "2.findings").unlink()
        found, said = verdicts()
        self.assertEqual(found, {(1, "unexplained")})
        self.assertIn("lacks the findings of 2, which the trail records", said)
        (self.checks / "2.findings").write_bytes(whole)
        self.assertEqual(verdicts()[0], {(2, "explained")})
        self.assertEqual(self.check()["check"], 3)

    def test_a_verdict_is_shown_however_many_checks_there_were_since(self):
        self.make_judged()
        self.check("--to", "2026-03-03")
        for _ in range(66):
            self.check("--from", "2026-04-01")
        lines = self.weerbaar("consultations", self.data, "--by", "u1", "--json").lines()
        self.assertEqual([line["verdict"]["check"] for line in lines], [1, 1])

    def test_verdicts_on_accesses_of_a_destroyed_period_go_from_the_disk(self):
        self.ingest(event(1, "2015-05-01T00:00:00Z"), event(1000, "2015-05-02T00:00:00Z"), event(8))
        self.adopt()
        self.check()
        shutil.copy(self.checks / "1.findings", self.checks / "2.findings.new")  # as a crash leaves it
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text(settings.read_text().replace("grace_days = 92", "grace_days = 0"))
        before = (self.checks / "1.findings").read_bytes()
        self.weerbaar("retention", self.data, "--dry-run")
        self.assertEqual((self.checks / "1.findings").read_bytes(), before)
        self.weerbaar("retention", self.data)
        after = (self.checks / "1.findings").read_bytes()
        self.assertEqual(len(after), len(before))
        gone = [at for at in range(len(before)) if before[at] != after[at]]
        self.assertGreater(len(gone), 20)
        self.assertEqual(set(after[at] for at in gone), {0})
        self.assertFalse((self.checks / "2.findings.new").exists())
        answer = self.weerbaar("consultations", self.data, "--by", "u1", "--json")
        self.assertEqual([(line["id"], line["verdict"]["check"]) for line in answer.lines() if line["source"] == "bvr"], [("8", 1)])
        self.assertNotIn("Without the verdicts", answer.err)

    def test_a_second_check_and_numbers_that_cannot_be_are_said(self):
        self.make_judged()
        self.check()
        with open(self.checks / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            error = self.check(status=3)
        self.assertIn("another check of", error)
        self.assertIn("wait until it has ended", error)
        for option, number in (("--policy", 0), ("--policy", -1), ("--policy", "x"), ("--known-at", -1), ("--size", -1)):
            for command in ("check", "signals", "missing-facts"):
                if command != "check" and option != "--policy":
                    continue
                error = self.weerbaar(command, self.data, f"{option}={number}", status=2).err
                self.assertIn(f"{option}: {number} is no whole number from", error)

    def test_facts_come_from_the_standard_input_too(self):
        self.adopt()
        run = self.weerbaar("register", self.data, "import", "unit", "-", "--json", stdin="unit,name\nU1,North\nU1,South\n", status=1)
        self.assertEqual((run.json()["added"], run.json()["refused"]), (1, 1))
        self.assertIn("Refused: standard input, line 3", run.err)
        self.assertIn("standard input: ", self.weerbaar("register", self.data, "import", "unit", "-", stdin="nothing\n", status=2).err)
        self.assertEqual(self.weerbaar("register", self.data, "import", "ldif", "-", stdin="no ldif\n", status=2).out, "")

    def test_a_database_that_cannot_be_used_is_named_with_what_to_do(self):
        self.make_judged()
        self.register.write_bytes(b"no database" * 1000)
        error = self.check(status=3)
        self.assertIn("register.db: the database: file is not a database: put a backup of it back", error)
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text('register = "postgresql:host=127.0.0.1 port=1 dbname=facts connect_timeout=2"\n' + settings.read_text())
        error = self.check(status=3)
        self.assertIn("no connection to PostgreSQL", error)
        self.assertIn("see that the server runs", error)


if __name__ == "__main__":
    flow.main()
