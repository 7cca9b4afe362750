"""The API of the whole server over TLS: what was judged, reported, traced and decided, each for who may see it."""

import json
import pathlib
import re
import signal
import sys
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import people_flow
import served


class Api(flow.FlowTest):
    connect = served.ServedTest.connect
    add = people_flow.People.add

    def setUp(self):
        super().setUp()
        self.weerbaar("sample", self.data, "--employees", 200, "--days", 28, "--seed", 5)
        self.weerbaar("policy", self.data, "adopt", "--name", "Beleid")
        self.check = self.weerbaar("check", self.data, "--json").json()
        self.signals = self.weerbaar("signals", self.data, "--budget", 200, "--json").lines()
        self.named = {line["signal"]: line for line in self.weerbaar("signals", self.data, "--budget", 200, "--keys", self.keys, "--json").lines()}
        self.report = self.weerbaar("report", self.data, "--month", "2026-01", "--json").json()

    def start(self):
        server = served.Server(self.data, "--listen", "127.0.0.1:0")
        self.addCleanup(lambda: server.process.poll() is None and server.end(signal.SIGKILL))
        return server

    def test_each_role_sees_what_was_judged_and_nothing_more(self):
        roles = {"manon": "manager", "ali": "analyst", "ingrid": "investigator", "vera": "confidential-adviser",
                 "abel": "auditor", "anna": "administrator", "bert": "administrator"}
        secrets = {name: self.add(name, f"w-{name}", role) for name, role in roles.items()}
        server = self.start()
        people = {name: people_flow.Person(self, server, name, secret) for name, secret in secrets.items()}
        for person in people.values():
            person.renew()
        manon, ali, ingrid, vera, abel, anna, bert = people.values()

        # Checks: what the command printed.
        status, checks = manon.ask("GET", "/api/v1/checks")
        self.assertEqual(status, 200, checks)
        shown = checks["items"][0]
        self.assertEqual({k: self.check[k] for k in shown}, shown)
        self.assertEqual(manon.ask("GET", f"/api/v1/checks/{shown['check']}"), (200, shown))
        self.assertEqual(ingrid.ask("GET", "/api/v1/checks")[0], 403)

        # Signals: those of the last run, in words, without anybody's identity.
        status, signals = ali.ask("GET", "/api/v1/signals", Accept_Language="en")
        self.assertEqual(status, 200, signals)
        self.assertEqual(len(signals["items"]), len(self.named))
        for item in signals["items"]:
            kept = self.named[item["signal"]]
            self.assertEqual(item["why"], kept["why"])
            self.assertTrue(item["actor"].startswith("~2026-Q1:"))
            self.assertNotEqual(item["actor"], kept["actor"])
        self.assertEqual(manon.ask("GET", "/api/v1/signals")[0], 403)
        first = signals["items"][0]
        path = f"/api/v1/signals/{first['signal']}/feedback"
        self.assertEqual(ali.ask("POST", path, {"justified": True, "remark": "een gesprek"})[0], 200)
        again = ali.ask("GET", "/api/v1/signals")[1]["items"][0]
        self.assertEqual([one["justified"] for one in again["feedback"]], [True])

        # The report: the same figures as those of the command, but for the size of the trail.
        status, report = manon.ask("GET", "/api/v1/reports/2026-01")
        self.assertEqual(status, 200, report)
        for part in ("total", "first", "months", "systems", "units"):
            self.assertEqual(report[part], self.report[part], part)
        self.assertEqual(anna.ask("GET", "/api/v1/reports/2026-01")[0], 403)

        # From a signal to a name: a mandate asked by the pseudonym, that another person approves.
        suspect = self.named[first["signal"]]["actor"]
        about = f"employee:{first['actor']}"
        events = [json.loads(line) for line in (self.directory / "data" / "truth.jsonl").read_text().splitlines()]
        self.assertTrue(events)
        status, mandate = ingrid.ask("POST", "/api/v1/mandates", {
            "case": "Z-1", "ground": "melding", "about": about,
            "from": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)),
            "to": time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400 * 7))})
        self.assertEqual(status, 201, mandate)
        path = f"/api/v1/mandates/{mandate['number']}"
        self.assertEqual(ingrid.ask("GET", path + "?reveal=true")[0], 403)
        self.assertEqual(ingrid.ask("GET", "/api/v1/signals?reveal=true")[0], 403)
        status, approved = vera.ask("POST", path + "/approval")
        self.assertEqual((status, approved["state"]), (200, "approved"))
        self.assertEqual(vera.ask("GET", path + "?reveal=true")[0], 403)
        for shown in (mandate, approved, vera.ask("GET", path)[1], ingrid.ask("GET", path)[1], abel.ask("GET", path)[1]):
            self.assertEqual(shown["about"], about)
        self.assertEqual(ingrid.ask("GET", path + "?reveal=true")[1]["about"], f"employee:{suspect}")
        status, revealed = ingrid.ask("GET", "/api/v1/signals?reveal=true")
        self.assertEqual(status, 200, revealed)
        self.assertEqual({item["actor"] for item in revealed["items"] if not item["actor"].startswith("~")}, {suspect})
        status, read = ingrid.ask("POST", "/api/v1/consultations", {"by": suspect, "limit": 1000, "reveal": True})
        self.assertEqual(status, 200, read)
        leaked = sorted({f"{one['type']}:{one['id']}" for item in read["items"] for one in item.get("subjects", [])
                         if one["type"] == "bsn"})[:25]
        asked = {"leaked": leaked, "before": "2026-06-01", "case": "Z-1", "reason": "lijst gevonden"}
        self.assertEqual(ali.ask("POST", "/api/v1/traces", asked)[0], 403)
        status, traced = ingrid.ask("POST", "/api/v1/traces", asked)
        self.assertEqual(status, 200, traced)
        self.assertEqual(traced["ranking"][0]["leaked_seen"], len(leaked))
        self.assertNotIn(f'"{suspect}"', json.dumps(traced))

        # LDV, by the pseudonym that an auditor was shown.
        person = leaked[0].split(":")[1]
        status, found = abel.ask("POST", "/api/v1/processing-activities", {"dpl.core.data_subject_id": person, "dpl.core.data_subject_id_type": "BSN"})
        self.assertEqual(status, 200, found)
        self.assertGreater(len(found["processingActivities"]), 0)
        self.assertNotIn(person, json.dumps(found))

        # Accounts: two administrators.
        status, made = anna.ask("POST", "/api/v1/accounts", {"name": "nieuw", "employee": "w-nieuw", "password": "eerste woorden 42"})
        self.assertEqual(status, 201, made)
        self.assertEqual(anna.ask("POST", "/api/v1/accounts/nieuw/roles", {"role": "analyst"})[0], 403)
        self.assertEqual(bert.ask("POST", "/api/v1/accounts/nieuw/roles", {"role": "analyst"})[0], 200)
        self.assertEqual(bert.ask("DELETE", "/api/v1/accounts/nieuw/roles/analyst")[1]["roles"], [])
        self.assertEqual(anna.ask("GET", "/api/v1/decisions")[0], 403)
        self.assertEqual(vera.ask("GET", "/api/v1/decisions?toReview=true"), (200, {"items": []}))

        self.assertEqual(server.end(signal.SIGTERM), 0)
        for personal in (person, suspect, "Z-1", "lijst gevonden", "w-nieuw"):
            self.assertNotIn(f'"{personal}"', "".join(server.log))
        self.weerbaar("verify", self.data)
        uses = self.weerbaar("consultations", self.data, "--by", "w-ingrid", "--keys", self.keys, "--json").lines()
        named = [use for use in uses if use["component"] == "mandates" and use["attributes"]["identities_shown"]]
        self.assertEqual([(use["purpose"]["case"], use["purpose"]["reason"], use["attributes"]["mandate"],
                           [one["id"] for one in use["subjects"]]) for use in named],
                         [("Z-1", "melding", mandate["number"], [suspect])])
        trace = [use for use in uses if use["component"] == "trace"]
        self.assertEqual({use["purpose"]["case"] for use in trace}, {"Z-1"})
        self.assertEqual({f"{one['type']}:{one['id']}" for use in trace for one in use["subjects"]}, set(leaked))

    def test_a_processing_activity_says_at_which_api_the_next_party_can_be_asked(self):
        secret = self.add("abel", "w-abel", "auditor")
        made = self.weerbaar("token", "inning", "--json").json()
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        lines = f'\n[[serve.source]]\nname = "inning"\njoin_within = "0s"\ntoken_sha256 = "{made["token_sha256"]}"\n'
        settings.write_text(settings.read_text() + lines)
        server = self.start()
        next_api = "https://next.example/lezen/v1"

        def span(number, **attributes):
            attributes = {"dpl.core.processing_activity_id": "https://register.example/inning", "dpl.core.data_subject_id": "123456782",
                          "dpl.core.data_subject_id_type": "BSN", "enduser.id": "u1", **attributes}
            return {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": "open", "startTimeUnixNano": "1767600000000000000",
                    "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]}

        spans = [span(1, **{"dpl.read.externalReadAPI_id": next_api}), span(2)]
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "inning"}}]}
        request = json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]})
        connection = self.connect(server)
        connection.request("POST", "/v1/traces", request, {"Content-Type": "application/json", "Authorization": f"Bearer {made['token']}"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b"{}"))
        abel = people_flow.Person(self, server, "abel", secret)
        abel.renew()
        for number, wanted in ((1, next_api), (2, None)):
            status, found = abel.ask("POST", "/api/v1/processing-activities", {"traceId": f"{number:032x}"})
            self.assertEqual((status, len(found["processingActivities"])), (200, 1), found)
            self.assertEqual(found["processingActivities"][0]["attributes"].get("dpl.read.externalReadAPI_id"), wanted)

    def test_a_citizen_learns_what_was_consulted_and_an_auditor_takes_a_package_that_holds_anywhere(self):
        roles = {"dora": "citizens-desk", "marit": "authorisation-manager", "abel": "auditor", "ali": "analyst"}
        secrets = {name: self.add(name, f"w-{name}", role) for name, role in roles.items()}
        key = re.search(r'verifier_key = "(.*)"', (self.directory / "data" / "weerbaar.toml").read_text())[1]
        truth = (self.directory / "data" / "truth.jsonl").read_text().splitlines()
        planted = next(one for one in map(json.loads, truth) if one.get("events"))
        known = self.weerbaar("consultations", self.data, "--by", planted["actors"][0], "--keys", self.keys, "--json").lines()
        citizen = next(f"{one['type']}:{one['id']}" for item in known for one in item["subjects"] if one["type"] == "bsn")
        accesses = [line for line in self.weerbaar("consultations", self.data, "--of", citizen, "--keys", self.keys, "--json").lines()
                    if line["source"] != "self"]
        server = self.start()
        people = {name: people_flow.Person(self, server, name, secret) for name, secret in secrets.items()}
        for person in people.values():
            person.renew()
        dora, marit, abel, ali = people.values()

        # The desk: each access, and nobody who made it.
        asked = {"of": citizen, "request": "AVG-2026-17", "limit": 1000}
        status, overview = dora.ask("POST", "/api/v1/overviews", asked, Accept_Language="en")
        self.assertEqual(status, 200, overview)
        self.assertEqual((overview["count"], overview["destroyed"]), (len(accesses), []))
        self.assertEqual([(item["time"][:16], item["action"], item["system"]) for item in overview["items"]],
                         [(line["time"][:16], line["action"], line["system"]) for line in accesses])
        for line in accesses:
            self.assertNotIn(f'"{line["actor"]["id"]}"', json.dumps(overview))
        self.assertNotIn("~20", json.dumps(overview))
        for other in (marit, abel, ali):
            self.assertEqual(other.ask("POST", "/api/v1/overviews", asked)[0], 403)
        self.assertEqual(dora.ask("POST", "/api/v1/processing-activities", {"dpl.core.data_subject_id": citizen.split(":")[1]})[0], 403)

        # Who keeps authorisations: what the register says, about the employees shown.
        status, found = marit.ask("POST", "/api/v1/authorisations", {"system": accesses[0]["system"], "at": accesses[0]["time"]})
        self.assertEqual(status, 200, found)
        self.assertGreater(found["count"], 0)
        self.assertEqual({item["system"] for item in found["items"]}, {accesses[0]["system"]})
        self.assertEqual(dora.ask("POST", "/api/v1/authorisations", {"employee": "u1"})[0], 403)

        # A package, under pseudonyms, that holds without the server and its trail.
        request = {"of": citizen, "case": "Z-7", "reason": "bezwaar"}
        self.assertEqual(ali.fetch("POST", "/api/v1/packages", request)[0], 403)
        status, package = abel.fetch("POST", "/api/v1/packages", request)
        self.assertEqual(status, 200, package[:400])
        file = self.write("evidence.zip", package)
        with zipfile.ZipFile(file) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        report = self.weerbaar("verify-package", file, "--key", key, "--json").json()
        # Without the questions, of the command, the desk and the auditor: whether there are such nobody learns from it.
        recorded = [line for line in accesses if line["source"] != "self"]
        self.assertEqual((report["ok"], report["complete"], report["events"]), (True, False, len(recorded)))
        for personal in (citizen.split(":")[1], planted["actors"][0], "w-dora", "bezwaar"):
            for name, content in files.items():
                self.assertNotIn(personal.encode(), content, name)

        self.assertEqual(server.end(signal.SIGTERM), 0)
        for personal in (citizen, citizen.split(":")[1], "AVG-2026-17", "Z-7"):
            self.assertNotIn(personal, "".join(server.log))
        self.weerbaar("verify", self.data)
        uses = {use["component"]: use for use in
                self.weerbaar("consultations", self.data, "--of", citizen, "--keys", self.keys, "--json").lines() if use["source"] == "self"}
        self.assertEqual((uses["overview"]["actor"]["id"], uses["overview"]["purpose"]["case"]), ("w-dora", "AVG-2026-17"))
        self.assertEqual((uses["prove"]["actor"]["id"], uses["prove"]["purpose"]["case"]), ("w-abel", "Z-7"))

    def test_the_document_and_its_page_are_for_anybody_and_every_answer_says_its_version(self):
        connection = self.connect(self.start())

        def get(path, **fields):
            connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in fields.items()})
            answer = connection.getresponse()
            return answer, answer.read().decode()

        answer, text = get("/api/v1/openapi.json", Origin="https://elsewhere.example", Sec_Fetch_Site="cross-site")
        self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (200, "*"))
        document = json.loads(text)
        self.assertEqual(document, json.loads((flow.ROOT / "docs/api/openapi.json").read_text()))
        answer, page = get("/api/v1/docs")
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIsNone(answer.headers["Server"])
        self.assertNotIn("<script", page)
        for path in ("/api/v1/docs", "/api/v1/me", "/api/v1/none", "/api/v1/openapi.json"):
            self.assertEqual(get(path)[0].headers["API-Version"], document["info"]["version"], path)
        # What is not for anybody says so in the form of the document.
        for path, item in document["paths"].items():
            if "servers" in item or "get" not in item or item["get"]["x-roles"] == ["anybody"]:
                continue
            answer, text = get("/api/v1" + re.sub(r"\{[a-z]+\}", "1", path))
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (401, "application/problem+json"), path)
            self.assertEqual(set(json.loads(text)), {"title", "status", "detail"})


if __name__ == "__main__":
    flow.main()
