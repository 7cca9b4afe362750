"""Tracing a leak: the program is given a trail in which somebody looked up persons without work, and their list."""

import hashlib
import itertools
import json
import pathlib
import random
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

EMPLOYEES = 60
PERSONS = 600
SELLER = "u17"
EVERYBODY = "u59"
LEAKED_AT = "2026-03-01"


def numbers():
    """Numbers that pass the 11-test."""
    for base in range(10_000_000, 99_999_999):
        check = sum(int(digit) * weight for digit, weight in zip(f"{base:08}", range(9, 1, -1))) % 11
        if check < 10:
            yield f"{base:08}{check}"


BSNS = list(itertools.islice(numbers(), PERSONS))


def administration():
    """Who looked at whom, on which day and with which outcome; and the leaked persons. Two quarters meet in it."""
    chance = random.Random(4)
    looks = []
    for employee in range(EMPLOYEES - 1):
        for _ in range(60):
            near = (employee * 10 + chance.randrange(30)) % PERSONS
            looks.append((f"u{employee}", near, chance.randrange(90), "success"))
    for person in range(0, PERSONS, 2):
        looks.append((EVERYBODY, person, chance.randrange(90), "success"))
    leaked = list(range(0, PERSONS, 50))
    for person in leaked[3:]:
        looks.append((SELLER, person, 60 + chance.randrange(25), "success"))
    # Refused accesses show nobody's data.
    for person in leaked:
        looks.append(("u5", person, 70, "denied"))
    return looks, leaked


def event(number, look):
    actor, person, day, outcome = look
    month, of_month = ((12, day + 1) if day < 31 else (1, day - 30) if day < 62 else (2, day - 61))
    year = 2025 if month == 12 else 2026
    return json.dumps({
        "id": f"e-{number:06}", "source": "bvr", "action": "read", "system": "BVR", "outcome": outcome,
        "time": f"{year}-{month:02}-{of_month:02}T{8 + number % 9:02}:{number % 60:02}:00Z",
        "actor": {"id": actor}, "subjects": [{"type": "bsn", "id": BSNS[person]}],
    })


class Trace(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.init()
        looks, leaked = administration()
        self.weerbaar("ingest", self.data, "--format", "jsonl",
                      self.write("looks.jsonl", "\n".join(event(n, look) for n, look in enumerate(looks)) + "\n"))
        self.leaked = [BSNS[person] for person in leaked]
        self.list = self.write("leaked.txt", "".join(f"bsn:{number}\n" for number in self.leaked))

    def trace(self, *more, status=0):
        return self.weerbaar("trace", self.data, "--leaked", self.list, "--before", LEAKED_AT, *more, status=status)

    def ranking(self, *more):
        """The lines of the ranking, and the last line."""
        lines = self.trace("--json", *more).lines()
        return lines[:-1], lines[-1]

    def test_who_looked_without_work_comes_first_and_not_who_sees_everybody(self):
        rows, rest = self.ranking("--keys", self.keys)
        self.assertEqual([row["rank"] for row in rows], list(range(1, 11)))
        for row in rows:
            self.assertEqual(list(row), ["rank", "actor", "leaked_seen", "leaked_total", "guilt", "ratio", "first", "last", "unexplained"])
        first = rows[0]
        self.assertEqual(first["actor"], SELLER)
        self.assertGreaterEqual(first["leaked_seen"], 9)
        self.assertEqual((first["leaked_total"], first["unexplained"]), (12, first["leaked_seen"]))
        self.assertGreater(first["ratio"], 1000)
        self.assertLessEqual(rest["chance"]["reported"], 0.01)
        self.assertEqual((rest["best_explanation"], rest["judged"], rest["explained"]), ([SELLER], 0, 0))
        self.assertTrue(first["first"] < first["last"] < LEAKED_AT)
        everybody = next(row for row in self.ranking("--keys", self.keys, "--top", 1000)[0] if row["actor"] == EVERYBODY)
        self.assertEqual(everybody["leaked_seen"], 12)
        self.assertLess(everybody["ratio"], first["ratio"])
        # u5 was refused, and saw by that nobody's data.
        refused = [row for row in rows if row["actor"] == "u5"]
        self.assertTrue(all(row["leaked_seen"] < 12 for row in refused))

    def test_the_same_question_gives_the_same_bytes(self):
        self.assertEqual(self.trace("--json", "--keys", self.keys).out, self.trace("--json", "--keys", self.keys).out)

    def test_people_read_what_it_is_and_what_it_rests_on(self):
        answer = self.trace("--keys", self.keys, "--top", 3)
        for part in ("Aanknopingspunt, geen bewijs", "A lead, not proof", SELLER, "Saw ", "of the 12 leaked persons", "Chance:",
                     "combinations", "Assumed: No check has judged these consultations"):
            self.assertIn(part, answer.out)
        self.assertIn("Not counted: 12 accesses that showed nobody's data", answer.err)
        self.assertRegex(answer.err, r"What is ordinary was learnt from all 5[5-8]\d persons")

    def test_a_person_who_is_named_again_and_by_a_pseudonym_counts_once_and_is_on_record(self):
        known = f"bsn:{self.leaked[0]}"
        shown = self.weerbaar("consultations", self.data, "--of", known, "--limit", 1, "--json").lines()[0]
        pseudonym = next(subject["id"] for subject in shown["subjects"] if subject["type"] == "bsn")
        again = self.write("again.txt", f"{known}\n" * 4 + f"bsn:{self.leaked[1]}\n")
        answer = self.weerbaar("trace", self.data, "--leaked", again, "--before", LEAKED_AT)
        self.assertIn("Named again on 3 lines; each person counts once.", answer.err)
        hidden = self.write("hidden.txt", f"bsn:{pseudonym}\n")
        self.weerbaar("trace", self.data, "--leaked", hidden, "--before", LEAKED_AT)
        about = self.weerbaar("consultations", self.data, "--of", known, "--json", "--keys", self.keys).lines()
        self.assertEqual([line["component"] for line in about if line["source"] == "self"], ["consultations", "trace", "trace"])

    def test_identities_are_shown_only_to_who_holds_the_keys_and_the_question_is_recorded(self):
        hidden = self.trace("--json")
        self.assertIsNone(re.search(r'"u\d', hidden.out))
        self.assertTrue(hidden.lines()[0]["actor"].startswith("~2026-Q1:"))
        by = self.weerbaar("consultations", self.data, "--by", hidden.lines()[0]["actor"], "--json", "--keys", self.keys).lines()
        self.assertEqual({line["actor"]["id"] for line in by}, {SELLER})
        self.trace("--json", "--keys", self.keys, "--reason", "onderzoek")
        about = self.weerbaar("consultations", self.data, "--of", f"bsn:{self.leaked[0]}", "--json", "--keys", self.keys).lines()
        own = [line for line in about if line["source"] == "self"]
        self.assertEqual([line["component"] for line in own], ["trace", "trace"])
        self.assertEqual(own[1]["purpose"], {"reason": "onderzoek"})
        pointed_to = self.weerbaar("consultations", self.data, "--of", f"employee:{SELLER}", "--json", "--keys", self.keys).lines()
        # Asked about by a pseudonym, the trace with identities, and the question whose accesses somebody was; not the trace
        # without.
        self.assertEqual([line["component"] for line in pointed_to], ["consultations", "trace", "consultations"])

    def test_who_traces_does_not_become_a_suspect(self):
        later = ("--leaked", self.list, "--from", "2025-12-01", "--before", "2999-01-01", "--json", "--keys", self.keys)
        before = self.weerbaar("trace", self.data, *later, "--top", 1000).lines()
        self.weerbaar("consultations", self.data, "--of", "bsn:999999990", "--keys", self.keys)
        after = self.weerbaar("trace", self.data, *later, "--top", 1000).lines()
        self.assertEqual(before, after)

    def test_what_the_work_explains_weighs_less_once_it_was_checked(self):
        unchecked = {row["actor"]: row for row in self.ranking("--keys", self.keys, "--top", 1000)[0]}
        # Everybody's work is to see everybody, says the register; the seller handles nothing.
        persons = sorted({BSNS[person] for person in range(0, PERSONS, 2)})
        self.weerbaar("register", self.data, "import", "case",
                      self.write("c.csv", "case\n" + "".join(f"Z-{n}\n" for n in persons)))
        self.weerbaar("register", self.data, "import", "case_subject",
                      self.write("s.csv", "case,subject\n" + "".join(f"Z-{n},bsn:{n}\n" for n in persons)))
        self.weerbaar("register", self.data, "import", "case_employee",
                      self.write("e.csv", "case,employee\n" + "".join(f"Z-{n},{EVERYBODY}\n" for n in persons)))
        self.weerbaar("policy", self.data, "adopt", "--name", "Beleid", "--on", "2025-12-01")
        self.weerbaar("check", self.data, "--to", "2026-04-01")
        rows, rest = self.ranking("--keys", self.keys, "--top", 1000)
        checked = {row["actor"]: row for row in rows}
        self.assertEqual(rest["judged"], rest["consultations"])
        self.assertGreaterEqual(rest["explained"], 12)
        self.assertEqual(rows[0]["actor"], SELLER)
        self.assertEqual((checked[EVERYBODY]["leaked_seen"], checked[EVERYBODY]["unexplained"]), (12, 0))
        self.assertLess(checked[EVERYBODY]["ratio"], unchecked[EVERYBODY]["ratio"] / 10)
        self.assertEqual(checked[SELLER]["unexplained"], checked[SELLER]["leaked_seen"])
        shown = self.trace("--keys", self.keys, "--top", 1000)
        for part in ("The work explains 12 persons (handles-case)", "Nothing of it is explained by work", "by the last check, weighs 0.25"):
            self.assertIn(part, shown.out)

    def test_the_package_holds_exactly_the_accesses_it_rests_on(self):
        package = self.directory / "leak.zip"
        rows, rest = self.ranking("--keys", self.keys, "-o", package)
        checked = self.weerbaar("verify-package", package, "--json").json()
        self.assertTrue(checked["ok"])
        result = json.loads((self.directory / "leak.zip.trace.json").read_text())
        self.assertEqual(result["package_sha256"], hashlib.sha256(package.read_bytes()).hexdigest())
        self.assertEqual([{name: line[name] for name in row} for line, row in zip(result["ranking"], rows, strict=True)], rows)
        self.assertEqual({name: result[name] for name in rest}, rest)
        self.assertEqual(result["best_explanation"], [SELLER])
        self.assertEqual(checked["events"], len(result["entries"]))
        expected = set()
        for number in self.leaked:
            for line in self.weerbaar("consultations", self.data, "--of", f"bsn:{number}", "--json", "--to", LEAKED_AT).lines():
                if line.get("outcome", "success") == "success" and line["source"] != "self":
                    expected.add(line["index"])
        self.assertEqual(set(result["entries"]), expected)
        self.assertIn("Aanknopingspunt", result["lead_nl"])
        inside = self.weerbaar("trace", self.data, "--leaked", self.list, "--before", LEAKED_AT, "-o",
                               pathlib.Path(self.data) / "x.zip", status=2)
        self.assertIn("-o", inside.err)

    def test_bad_lines_are_named_with_what_to_write_there(self):
        self.list = self.write("bad.txt", f"bsn:{self.leaked[0]}\nbsn:12345\njan\n")
        answer = self.trace(status=2)
        self.assertIn("bad.txt: line 2: a bsn has nine digits", answer.err)
        self.assertIn("line 3: write a person as TYPE:ID", answer.err)
        self.assertNotIn("12345", answer.err)
        self.list = self.write("empty.txt", "\n")
        self.assertIn("no person is named", self.trace(status=2).err)
        self.list = self.directory / "absent.txt"
        self.assertIn("absent.txt", self.trace(status=2).err)
        self.list = self.write("good.txt", f"bsn:{self.leaked[0]}\n")
        self.assertIn("between", self.trace("--elsewhere", "1.5", status=2).err)
        self.assertIn("--before", self.trace("--from", "2026-04-01", status=2).err)

    def test_a_list_that_nobody_saw_points_to_nobody(self):
        self.list = self.write("unknown.txt", "bsn:111222333\nbsn:123456782\n")
        answer = self.trace("-o", self.directory / "none.zip")
        self.assertIn("Nobody consulted any of these persons", answer.out)
        self.assertIn("No package is written", answer.err)
        rows, rest = self.ranking()
        self.assertEqual((rows, rest["readers"], rest["chance"]["reported"]), ([], 0, 1))


if __name__ == "__main__":
    flow.main()
