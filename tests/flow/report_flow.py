"""The monthly report of a sample administration: counted again from its accesses, the same again, and on record."""

import collections
import csv
import datetime
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow

AMSTERDAM = zoneinfo.ZoneInfo("Europe/Amsterdam")


SCHEMA = json.loads((flow.ROOT / "docs/formats/report.schema.json").read_text())


def differences(schema, value, path=""):
    """Where a value is not as the schema says; knows as much of JSON Schema as ours uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].split("/")[-1]]
    if "const" in schema:
        return [] if value == schema["const"] else [path]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None)}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, kinds[one]) for one in types):
        return [path]
    if isinstance(value, dict):
        wrong = [f"{path}/{name}" for name in (set(schema["required"]) - set(value)) | (set(value) - set(schema["properties"]))]
        known = [name for name in value if name in schema["properties"]]
        return wrong + [one for name in known for one in differences(schema["properties"][name], value[name], f"{path}/{name}")]
    if isinstance(value, list):
        return [one for item in value for one in differences(schema["items"], item, path)]
    return [] if re.search(schema.get("pattern", ""), str(value)) else [path]


class Report(flow.FlowTest):
    def setUp(self):
        super().setUp()
        self.events_file = self.directory / "events.jsonl"
        self.weerbaar("sample", self.data, "--employees", 200, "--days", 28, "--seed", 5, "--events-file", self.events_file)
        self.weerbaar("policy", self.data, "adopt", "--name", "Beleid")

    def report(self, *more, status=0):
        return self.weerbaar("report", self.data, "--month", "2026-01", "--json", *more, status=status)

    def events_of_january(self):
        for line in self.events_file.read_text().splitlines():
            event = json.loads(line)
            moment = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).astimezone(AMSTERDAM)
            if (moment.year, moment.month) == (2026, 1):
                yield event

    def test_the_report_counts_what_the_accesses_of_the_month_say(self):
        report = self.report().json()
        events = list(self.events_of_january())
        total = report["total"]
        self.assertEqual(total["accesses"], len(events))
        searches = [event for event in events if event["action"] == "search"]
        self.assertEqual(total["searches"], len(searches))
        other = [event for event in searches if not re.search(r"\d{8}", event.get("query", "12345678"))]
        self.assertEqual(total["searches_by_other_key"], len(other))
        self.assertGreater(total["searches_by_other_key"], 0)
        persons = {(one["type"], one["id"]) for event in events for one in event.get("subjects", [])}
        self.assertEqual(total["persons"], len(persons))
        systems = collections.Counter(event["system"] for event in events)
        for system in report["systems"]:
            if "name" in system:
                self.assertEqual(system["accesses"], systems[system["name"]])
        self.assertEqual(sum(system["accesses"] for system in report["systems"]), len(events))
        self.assertEqual(sum(unit["accesses"] for unit in report["units"]), len(events))
        self.assertTrue(all(unit["employees"] >= 5 for unit in report["units"]))
        # Of the 22 days from Monday to Friday New Year is off.
        for source in report["coverage"]["sources"]:
            self.assertEqual(source["days_with_delivery"] + len(source["days_without_delivery"]), 21)
            self.assertNotIn("2026-01-01", source["days_without_delivery"])
            self.assertEqual((source["missing_records"], source["silent_minutes"]), (0, 0))
        self.assertEqual(report["coverage"]["days_over"], 31)

    def coverage_of(self, source, month, *more):
        coverage = self.weerbaar("report", self.data, "--month", month, "--json", *more).json()["coverage"]
        return coverage["days_over"], next((one for one in coverage["sources"] if one["source"] == source), None)

    def test_a_source_of_the_settings_that_delivers_nothing_is_there_however_long(self):
        self.assertIsNone(self.coverage_of("gone", "2026-09")[1])
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text(settings.read_text() + f'\n[[serve.source]]\nname = "gone"\ntoken_sha256 = "{"a" * 64}"\n')
        days, gone = self.coverage_of("gone", "2026-09")
        self.assertEqual((days, gone["days_with_delivery"], len(gone["days_without_delivery"])), (30, 0, 22))

    def test_days_to_come_are_no_days_without_delivery_and_an_earlier_size_knows_its_day(self):
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        settings.write_text(settings.read_text() + f'\n[[serve.source]]\nname = "gone"\ntoken_sha256 = "{"a" * 64}"\n')
        today = datetime.datetime.now(AMSTERDAM).date()
        days, gone = self.coverage_of("gone", f"{today:%Y-%m}")
        self.assertIn(days, (today.day - 1, today.day))  # midnight may have passed
        self.assertTrue(all(day < f"{today + datetime.timedelta(1)}" for day in gone["days_without_delivery"]))
        if today.day > 7:
            self.assertGreater(len(gone["days_without_delivery"]), 0)
        to_come = (today.replace(day=28) + datetime.timedelta(10)).strftime("%Y-%m")
        days, gone = self.coverage_of("gone", to_come)
        self.assertEqual((days, gone["days_without_delivery"]), (0, []))

    def test_the_report_is_as_its_schema_says(self):
        report = self.report().json()
        self.assertEqual(differences(SCHEMA, report), [])
        self.assertEqual(differences(SCHEMA, {**report, "month": "2026-13", "more": 1}), ["/more", "/month"])
        del report["units"][0]["employees"]
        self.assertEqual(differences(SCHEMA, report), ["/units/employees"])

    def test_no_identity_stands_in_the_report(self):
        report = self.report().out
        for event in self.events_of_january():
            self.assertNotIn('"' + event["actor"]["id"] + '"', report)
            for subject in event.get("subjects", []):
                self.assertNotIn(subject["id"], report)

    def test_the_same_size_gives_the_same_bytes_and_each_report_is_on_record(self):
        first = self.directory / "first.json"
        second = self.directory / "second.json"
        size = self.report("-o", first).json()["size"]
        self.report("-o", second, "--size", size)
        self.assertEqual(first.read_bytes(), second.read_bytes())
        today = datetime.datetime.now(AMSTERDAM)
        third, fourth = self.directory / "third.json", self.directory / "fourth.json"
        under_way = ("report", self.data, "--month", f"{today:%Y-%m}", "--json")
        size = self.weerbaar(*under_way, "-o", third).json()["size"]
        self.weerbaar(*under_way, "-o", fourth, "--size", size)
        self.assertEqual(third.read_bytes(), fourth.read_bytes())
        uses = self.weerbaar("count", self.data, "--group-by", "component", "--where", "source=self", "--json").lines()
        self.assertIn({"component": "report", "count": 4}, uses)

    def test_the_table_says_what_the_report_says(self):
        table = self.directory / "report.csv"
        total = self.report("-o", table).json()["total"]
        rows = list(csv.DictReader(io.StringIO(table.read_text())))
        told = {row["measure"]: row["value"] for row in rows
                if (row["month"], row["part"]) == ("2026-01", "total")}
        self.assertEqual(told, {name: "" if value is None else str(value) for name, value in total.items()})

    def test_the_table_for_a_dutch_spreadsheet_says_the_same(self):
        plain, dutch = self.directory / "plain.csv", self.directory / "dutch.csv"
        size = self.report("-o", plain).json()["size"]
        self.report("-o", dutch, "--language", "nl", "--size", size)
        rows = [list(csv.reader(io.StringIO(text), delimiter=separator)) for text, separator in
                ((plain.read_bytes().decode("utf-8"), ","), (dutch.read_bytes().decode("utf-8-sig"), ";"))]
        self.assertEqual(rows[0], rows[1])
        self.assertTrue(dutch.read_bytes().startswith(b"\xef\xbb\xbf"))

    @unittest.skipUnless(shutil.which("pdftotext"), "poppler-utils is not installed")
    def test_the_document_is_read_by_another_program_in_both_languages(self):
        for language, title in (("nl", "Maandrapport raadplegingen"), ("en", "Monthly report on consultations")):
            document = self.directory / f"{language}.pdf"
            self.report("-o", document, "--language", language)
            text = subprocess.run(["pdftotext", "-layout", document, "-"], check=True, capture_output=True, text=True)
            self.assertIn(title, text.stdout)
            about = subprocess.run(["pdfinfo", document], check=True, capture_output=True, text=True)
            self.assertRegex(about.stdout, r"Tagged:\s+yes")

    def test_what_is_wrong_is_refused(self):
        self.assertIn("2026-03", self.weerbaar("report", self.data, "--month", "2026-13", status=2).err)
        self.assertIn(".pdf", self.report("-o", self.directory / "report.doc", status=2).err)
        self.assertIn("entries", self.report("--size", 10**12, status=2).err)


if __name__ == "__main__":
    flow.main()
