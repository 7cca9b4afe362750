"""People and what they may see, against the real program over TLS: accounts, roles, mandates, and who looked at me."""

import base64
import hashlib
import hmac
import http.client
import getpass
import json
import pathlib
import signal
import ssl
import struct
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

FIRST = "eerste woorden 41"
OWN = "heel iets anders 7"


def totp(secret, step):
    """The code of RFC 6238, by code that shares nothing with the program's."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def secret_of(uri):
    return urllib.parse.parse_qs(urllib.parse.urlparse(uri).query)["secret"][0]


class Person:
    """A browser of one person: it keeps the cookie and the token."""

    def __init__(self, test, server, name, secret):
        self.test = test
        self.connection = test.connect(server)
        self.name = name
        self.secret = secret
        self.cookie = None
        self.token = None

    def ask(self, method, path, body=None, **fields):
        """The status of the answer, and its JSON."""
        status, content = self.fetch(method, path, body, **fields)
        return status, json.loads(content) if content else None

    def fetch(self, method, path, body=None, **fields):
        """The status of the answer, and its bytes."""
        headers = {k.replace("_", "-"): v for k, v in fields.items()}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.token:
            headers.setdefault("X-CSRF-Token", self.token)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.set_cookie = cookie
            self.cookie = cookie.split(";")[0]
        return answer.status, content

    def log_in(self, password):
        # A code counts once: one of the next step is right too.
        for step in (0, 1):
            code = totp(self.secret, int(time.time()) // 30 + step)
            status, answer = self.ask("POST", "/api/v1/login", {"name": self.name, "password": password, "code": code})
            if status == 200:
                self.token = answer["csrf_token"]
                return answer
        raise AssertionError((status, answer))

    def renew(self):
        self.log_in(FIRST)
        self.test.assertEqual(self.ask("GET", "/api/v1/mandates")[0], 403)
        status, answer = self.ask("POST", "/api/v1/me/secrets", {"password": FIRST, "new_password": OWN})
        self.test.assertEqual(status, 200, answer)
        self.secret = secret_of(answer["otpauth_uri"])
        self.cookie = self.token = None
        return self.log_in(OWN)


class People(flow.FlowTest):
    connect = served.ServedTest.connect

    def setUp(self):
        super().setUp()
        self.init()
        lines = "".join(served.event(n) + "\n" for n in range(20))
        self.weerbaar("ingest", self.data, "--format", "jsonl", self.write("events.jsonl", lines))

    def start(self):
        server = served.Server(self.data, "--listen", "127.0.0.1:0")
        self.addCleanup(lambda: server.process.poll() is None and server.end(signal.SIGKILL))
        return server

    def add(self, name, employee, *roles):
        made = self.weerbaar("account", self.data, "add", name, "--employee", employee, "--json", stdin=FIRST + "\n")
        for role in roles:
            self.weerbaar("account", self.data, "give-role", name, role)
        return secret_of(made.json()["otpauth_uri"])

    def pseudonym_of(self, employee):
        """As he is shown to who may not know who it is."""
        found = self.weerbaar("consultations", self.data, "--by", employee, "--limit", "1", "--json").lines()
        return found[0]["actor"]["id"]

    def test_each_person_does_what_is_theirs_and_every_look_is_evidence(self):
        secrets = {"ingrid": self.add("ingrid", "e1", "investigator"), "ali": self.add("ali", "e3", "analyst")}
        server = self.start()
        # While the server runs too.
        secrets["fatima"] = self.add("fatima", "e2", "data-protection-officer")
        secrets["beheer"] = self.add("beheer", "e4", "administrator", "employee")
        secrets["piet"] = self.add("piet", "u3", "employee")
        people = {name: Person(self, server, name, secret) for name, secret in secrets.items()}
        for person in people.values():
            person.renew()
        ingrid, ali, fatima, beheer, piet = (people[n] for n in ("ingrid", "ali", "fatima", "beheer", "piet"))
        self.assertIn("__Host-weerbaar=", ingrid.set_cookie)
        for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(word, ingrid.set_cookie)

        look = lambda person, **question: person.ask("POST", "/api/v1/consultations", question)
        self.assertEqual(look(ali, by="u3")[0], 403)
        pseudonym = self.pseudonym_of("u3")
        status, plain = look(ali, by=pseudonym)
        self.assertEqual(status, 200, plain)
        self.assertEqual(len([item for item in plain["items"] if item["source"] == "bvr"]), 3)
        self.assertNotIn("123456782", json.dumps(plain))
        self.assertEqual(look(ali, by=pseudonym, reveal=True)[0], 403)
        self.assertEqual(look(ingrid, by="u3", reveal=True)[0], 403)
        self.assertEqual(look(beheer, by="u3")[0], 403)
        # No address names anybody.
        self.assertEqual(ali.ask("GET", "/api/v1/consultations?by=u3")[0], 405)
        self.assertEqual(ali.ask("POST", "/api/v1/consultations", {"by": "u3"}, X_CSRF_Token="wrong")[0], 403)
        self.assertEqual(beheer.ask("GET", "/api/v1/mandates")[0], 403)

        day = lambda offset: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset * 86400))
        asked = {"case": "Z-1", "ground": "melding", "about": "employee:u3", "from": day(-1), "to": day(7)}
        self.assertEqual(ingrid.ask("POST", "/api/v1/mandates", asked, X_CSRF_Token="wrong")[0], 403)
        self.assertEqual(ingrid.ask("POST", "/api/v1/mandates", asked, Origin="https://evil.example")[0], 403)
        status, mandate = ingrid.ask("POST", "/api/v1/mandates", asked)
        self.assertEqual(status, 201, mandate)
        approval = f"/api/v1/mandates/{mandate['number']}/approval"
        for person in (ingrid, ali, beheer, piet):
            self.assertEqual(person.ask("POST", approval)[0], 403)
        self.assertEqual(fatima.ask("POST", approval)[0], 200)
        status, shown = look(ingrid, by="u3", reveal=True)
        self.assertEqual(status, 200, shown)
        self.assertIn("123456782", json.dumps(shown))
        self.assertEqual(look(fatima, by="u3", reveal=True)[0], 403)
        self.assertEqual(fatima.ask("POST", f"/api/v1/mandates/{mandate['number']}/withdrawal")[0], 200)
        self.assertEqual(look(ingrid, by="u3", reveal=True)[0], 403)

        # Whom it was about sees the look of the analyst, and nothing of what a mandate was for.
        status, told = piet.ask("GET", "/api/v1/me/consulted")
        self.assertEqual(status, 200, told)
        self.assertEqual({item["by"] for item in told["items"] if item["what"] == "consultations"},
                         {"e3", getpass.getuser()})
        self.assertNotIn("Z-1", json.dumps(told))
        self.assertEqual(ali.ask("POST", "/api/v1/logout")[0], 204)
        self.assertEqual(ali.ask("GET", "/api/v1/me")[0], 401)

        # A role taken away ends the session at once.
        self.weerbaar("account", self.data, "take-role", "ingrid", "investigator")
        self.assertEqual(ingrid.ask("GET", "/api/v1/me")[0], 401)
        server.wait_for("a command had the trail")
        self.assertEqual(server.end(signal.SIGTERM), 0)
        for personal in ("123456782", "ingrid", "fatima", OWN, "Z-1"):
            self.assertNotIn(personal, "".join(server.log))

        self.weerbaar("verify", self.data)
        found = self.weerbaar("consultations", self.data, "--of", "employee:u3", "--keys", self.keys, "--json").lines()
        uses = [(event["actor"]["id"], event["component"]) for event in found if event["source"] == "self"]
        for use in (("e3", "consultations"), ("e1", "consultations"), ("e1", "mandate ask"), ("e2", "mandate approve"),
                    ("e2", "mandate withdraw")):
            self.assertIn(use, uses)
        under = [e for e in found if e["component"] == "consultations" and e["actor"]["id"] == "e1"]
        self.assertEqual({(e["purpose"].get("case"), e["attributes"]["mandate"]) for e in under}, {("Z-1", mandate["number"])})

    def test_a_command_that_lacks_its_directory_says_how_it_is_written(self):
        for words in (("add", "jan"), ("add", "jan", "--employee", "e1"), ("list",), ("jan",)):
            refused = self.weerbaar("account", *words, status=2)
            self.assertIn("`weerbaar account DIR add|list|disable|reset|give-role|take-role`", refused.err, words)
        usage = self.weerbaar("account", self.data, "add", "--help").out.splitlines()
        self.assertIn("Usage: weerbaar account DIR add [OPTIONS] NAME", usage)
        self.assertIn("Usage: weerbaar account [OPTIONS] DIR SUBCOMMAND", self.weerbaar("account", "--help").out.splitlines())

    def test_accounts_are_made_on_the_command_line_and_on_record(self):
        self.assertIn("12", self.weerbaar("account", self.data, "add", "anna", "--employee", "e1", stdin="short\n", status=2).err)
        self.add("anna", "e1", "administrator", "employee")
        self.weerbaar("account", self.data, "add", "anna", "--employee", "e1", stdin=FIRST + "\n", status=2)
        refused = self.weerbaar("account", self.data, "give-role", "anna", "analyst", status=3)
        self.assertIn("administrator", refused.err)
        self.assertIn("investigator", self.weerbaar("account", self.data, "give-role", "anna", "root", status=2).err)
        self.weerbaar("account", self.data, "disable", "anna")
        listed = self.weerbaar("account", self.data, "list", "--json").lines()
        self.assertEqual([(one["name"], one["roles"], one["disabled"]) for one in listed],
                         [("anna", ["administrator", "employee"], True)])
        found = self.weerbaar("consultations", self.data, "--of", "employee:e1", "--keys", self.keys, "--json").lines()
        self.assertEqual([event["component"] for event in found],
                         ["account add", "account give-role", "account give-role", "account disable"])
        self.assertEqual(oct((pathlib.Path(self.data) / "people.db").stat().st_mode & 0o777), "0o600")
        held = b"".join(p.read_bytes() for p in pathlib.Path(self.data).glob("people.db*"))
        self.assertNotIn(FIRST.encode(), held)


if __name__ == "__main__":
    flow.main()
