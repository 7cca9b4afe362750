"""Login by a real provider of OpenID Connect: npm oidc-provider, as tests/oidc/package-lock.json has it.

Skips loudly where node, npm or the packages are not to be had."""

import http.client
import http.cookies
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

SECRET = "s3cret of: tests/only"
SKIPPED = 77


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def install():
    """The folder with the provider and its packages; None and why when there is none."""
    place = pathlib.Path(flow.PROGRAM).parent / "oidc-provider"
    source = flow.ROOT / "tests" / "oidc"
    if not shutil.which("node") or not shutil.which("npm"):
        return None, "node and npm are not installed"
    place.mkdir(exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    done = place / "installed"
    for file in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copy(source / file, place / file)
    if not done.exists() or done.read_bytes() != lock:
        run = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, text=True,
                             capture_output=True, timeout=150)
        if run.returncode != 0:
            return None, "npm ci fails: " + run.stderr.strip().splitlines()[-1]
        done.write_bytes(lock)
    return place, None


class Browser:
    """Follows nothing by itself; keeps the cookies of each host."""

    def __init__(self, context):
        self.context = context
        self.cookies = {}

    def ask(self, method, url, form=None, **fields):
        to = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
        options = {"context": self.context} if to.scheme == "https" else {}
        connection = kind(to.hostname, to.port, timeout=30, **options)
        jar = self.cookies.setdefault(to.netloc, {})
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items()), **fields}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, to.path + ("?" + to.query if to.query else ""), body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            jar[name] = value
            if not value:
                del jar[name]
        connection.close()
        where = answer.headers.get("Location")
        return answer.status, urllib.parse.urljoin(url, where) if where else text


class Oidc(flow.FlowTest):
    connect = served.ServedTest.connect

    def setUp(self):
        super().setUp()
        self.init()
        self.port = free_port()
        self.base = f"https://localhost:{self.port}"
        provider_port = free_port()
        callback = self.base + "/api/v1/oidc/callback"
        self.provider = subprocess.Popen(["node", "provider.mjs", str(provider_port), callback, SECRET], cwd=PLACE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.provider.stdout.close)
        self.addCleanup(self.provider.wait)
        self.addCleanup(self.provider.kill)
        while self.provider.stdout.readline().strip() != "listening":
            self.assertIsNone(self.provider.poll())
        settings = pathlib.Path(self.data) / "weerbaar.toml"
        (pathlib.Path(self.data) / "oidc.secret").write_text(SECRET + "\n")
        settings.write_text(settings.read_text() + f"""
[people.oidc]
issuer = "http://127.0.0.1:{provider_port}"
client_id = "weerbaar"
client_secret_file = "oidc.secret"
redirect_uri = "{callback}"
employee_claim = "employee"
roles_claim = "groups"
plain_http_to_loopback = true
[people.oidc.roles]
analysts = ["analyst"]
staff = ["employee"]
beheer = ["administrator"]
""")
        self.server = served.Server(self.data, "--listen", f"127.0.0.1:{self.port}")
        self.addCleanup(lambda: self.server.process.poll() is None and self.server.end(signal.SIGKILL))
        context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        self.new_browser = lambda: Browser(context)

    def to_callback(self, browser, name):
        """The address at which the provider sends the browser back."""
        status, url = browser.ask("GET", self.base + "/api/v1/oidc/start")
        self.assertEqual(status, 303, url)
        self.assertIn("code_challenge_method=S256", url)
        for _ in range(8):
            if url.startswith(self.base):
                return url
            form = {"prompt": "login", "login": name, "password": "any"} if "/interaction/" in url else None
            status, url = browser.ask("POST" if form else "GET", url, form)
            self.assertIn(status, (302, 303), url)
        raise AssertionError(url)

    def test_people_log_in_by_the_provider_with_the_roles_that_it_says(self):
        browser = self.new_browser()
        back = self.to_callback(browser, "ali")
        status, where = browser.ask("GET", back, **{"Sec-Fetch-Site": "cross-site"})
        self.assertEqual((status, where), (303, self.base + "/"))
        status, text = browser.ask("GET", self.base + "/api/v1/me")
        self.assertEqual(status, 200, text)
        me = json.loads(text)
        self.assertEqual((me["employee"], sorted(me["roles"]), me["must_renew"]), ("e-ali", ["analyst", "employee"], False))
        self.assertEqual(browser.ask("GET", self.base + "/api/v1/checks")[0], 200)
        self.assertEqual(browser.ask("GET", self.base + "/api/v1/mandates")[0], 403)
        # The same answer once more, and in the browser of another.
        self.assertEqual(browser.ask("GET", back)[0], 403)
        other = self.new_browser()
        stolen = self.to_callback(self.new_browser(), "ali")
        self.assertEqual(other.ask("GET", stolen)[0], 403)
        self.to_callback(other, "piet")
        self.assertEqual(other.ask("GET", stolen)[0], 403)

        other = self.new_browser()
        self.assertEqual(other.ask("GET", self.to_callback(other, "piet"))[0], 303)
        self.assertEqual(other.ask("GET", self.base + "/api/v1/checks")[0], 403)
        # Roles that do not go together let nobody in, whatever the provider says.
        other = self.new_browser()
        self.assertEqual(other.ask("GET", self.to_callback(other, "mallory"))[0], 403)
        self.assertEqual(other.ask("GET", self.base + "/api/v1/me")[0], 401)
        # A claim that is no employee is not a matter of trying again; the log says which setting, and not the value.
        other = self.new_browser()
        status, text = other.ask("GET", self.to_callback(other, "ghost"))
        self.assertEqual(status, 403, text)
        self.assertIn("people.oidc.employee_claim", json.loads(text)["detail"])
        self.assertEqual(self.server.end(signal.SIGTERM), 0)
        self.weerbaar("verify", self.data)
        self.assertIn("people.oidc.employee_claim", "".join(self.server.log))
        for personal in ("ali", "piet", "ghost", SECRET):
            self.assertNotIn(personal, "".join(self.server.log))


if __name__ == "__main__":
    flow.PROGRAM = sys.argv[1]
    PLACE, why = install()
    if PLACE is None:
        print(f"SKIPPED: login by a real provider of OpenID Connect was not tested: {why}", file=sys.stderr)
        sys.exit(SKIPPED)
    flow.main()
