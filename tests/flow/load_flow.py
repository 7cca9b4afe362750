"""The server under load, as a hostile network makes it: two thousand connections, of which most are slow, silent or half
open, and ten times the memory that bodies may take. Memory stays bounded, senders are served meanwhile, and what was
acknowledged is there after a kill."""

import asyncio
import json
import pathlib
import re
import resource
import signal
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import flow
import served

SILENT, HALF_HEADERS, SLOW_BODIES, SENDERS = 560, 560, 560, 320
BODIES_MEBIBYTES = 64
EVENTS_A_BODY = 1_000  # two megabytes
BODIES = 10 * BODIES_MEBIBYTES // 2
SETTINGS = f"""
[serve]
bodies_mebibytes = {BODIES_MEBIBYTES}
body_mebibytes = 4
connections = 2500
connections_a_client = 2500
requests_a_second = 0
"""
# Beyond what the process has with all connections open: the bodies, the events made of them, and what waits to be sealed
# (256 MiB and the tail that grows, here 130). Bodies and events of all that is offered at once would go beyond it.
MEMORY_MEBIBYTES_MAX = 768


def body_of(number):
    """Its events all have a system of their own."""
    pad = "x" * 1_800
    return "\n".join(
        f'{{"id":"b{number:04}-{i:05}","source":"bvr","time":"2026-03-02T08:{i // 60 % 60:02}:{i % 60:02}Z","actor":{{"id":"u{i % 97}"}},'
        f'"action":"read","system":"S{number}","subjects":[{{"type":"bsn","id":"123456782"}}],"query":"{pad}"}}'
        for i in range(EVENTS_A_BODY)
    ).encode()


class Load(served.ServedTest):
    def setUp(self):
        super().setUp()
        text = self.settings.read_text()
        self.settings.write_text(text.replace("\n[[serve.source]]", SETTINGS + "\n[[serve.source]]", 1))
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        if most < 5_000:
            self.skipTest(f"two thousand connections need more than {most} open files")

    async def open(self):
        return await asyncio.open_connection("localhost", self.port, ssl=self.context)

    async def until_closed(self, reader):
        """What keeps a connection: the server may close it whenever its time is over."""
        try:
            while await reader.read(4096):
                pass
        except OSError:
            pass

    async def silent(self):
        """Connects, and says nothing: not even hello."""
        reader, writer = await asyncio.open_connection("localhost", self.port)
        self.open_now += 1
        await self.until_closed(reader)
        writer.close()

    async def half_a_header(self):
        reader, writer = await self.open()
        self.open_now += 1
        writer.write(b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuth")
        await self.until_closed(reader)
        writer.close()

    async def slow_body(self):
        """A byte now and then, of the megabyte that it promised."""
        reader, writer = await self.open()
        self.open_now += 1
        try:
            writer.write(self.header(1 << 20))
            while not reader.at_eof():
                writer.write(b"{")
                await writer.drain()
                await asyncio.sleep(1)
        except OSError:
            pass
        writer.close()

    def header(self, size):
        return (f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
                f"Content-Type: application/x-ndjson\r\nContent-Length: {size}\r\n\r\n").encode()

    async def sender(self):
        """Sends whole bodies until none is left, each again until it is acknowledged."""
        reader, writer = await self.open()
        self.open_now += 1
        await self.all_open.wait()
        while self.bodies:
            number = self.bodies.pop()
            body = body_of(number)
            while True:
                try:
                    writer.write(self.header(len(body)) + body)
                    await writer.drain()
                    head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    size = int(re.search(r"content-length: (\d+)", head, re.IGNORECASE)[1])
                    answer = await reader.readexactly(size)
                except (OSError, asyncio.IncompleteReadError):
                    # Told to come back before all was sent, and cut off.
                    head, answer = "HTTP/1.1 503 ", b""
                if " 200 " in head.splitlines()[0]:
                    self.acknowledged[number] = json.loads(answer)["accepted"]
                    break
                self.assertRegex(head.splitlines()[0], " (503|429) ")
                self.turned_away += 1
                writer.close()
                await asyncio.sleep(0.2)
                reader, writer = await self.open()
        writer.close()

    async def besides(self):
        """Somebody who asks how it is, on a new connection each time: the longest that it took."""
        longest = 0
        while self.bodies:
            begin = time.monotonic()
            reader, writer = await self.open()
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            self.assertIn(b" 200 ", await reader.readline())
            writer.close()
            longest = max(longest, time.monotonic() - begin)
            await asyncio.sleep(0.2)
        return longest

    async def load(self):
        self.all_open = asyncio.Event()
        self.open_now = self.turned_away = 0
        self.acknowledged = {}
        self.bodies = list(range(BODIES))
        nuisances = [asyncio.create_task(kind()) for kind, count in
                     ((self.half_a_header, HALF_HEADERS), (self.slow_body, SLOW_BODIES), (self.silent, SILENT)) for _ in range(count)]
        senders = [asyncio.create_task(self.sender()) for _ in range(SENDERS)]
        while self.open_now < SILENT + HALF_HEADERS + SLOW_BODIES + SENDERS:
            await asyncio.sleep(0.05)
        self.at_rest = self.memory(self.server, "VmRSS")
        self.all_open.set()
        longest = await self.besides()
        await asyncio.gather(*senders)
        for nuisance in nuisances:
            nuisance.cancel()
        await asyncio.gather(*nuisances, return_exceptions=True)
        return longest

    def memory(self, server, of):
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        return int(re.search(rf"{of}:\s+(\d+) kB", status)[1]) // 1024

    def test_memory_is_bounded_and_what_was_acknowledged_is_there_after_a_kill(self):
        server = self.server = self.start()
        self.port = server.port
        self.context = ssl.create_default_context(cafile=str(pathlib.Path(self.keys) / "tls.crt"))
        longest = asyncio.run(self.load())
        most = self.memory(server, "VmHWM")
        server.end(signal.SIGKILL)
        print(f"{2 * BODIES} MB of bodies, {BODIES_MEBIBYTES} MiB at once; {most} MiB of memory at most, {self.at_rest} before; "
              f"{self.turned_away} times told to come back; /health within {longest:.1f} s", file=sys.stderr)
        self.assertEqual(self.acknowledged, {number: EVENTS_A_BODY for number in range(BODIES)})
        self.assertLess(most - self.at_rest, MEMORY_MEBIBYTES_MAX)
        self.assertLess(longest, 60)
        self.weerbaar("verify", self.data)
        counted = self.weerbaar("count", self.data, "--group-by", "system", "--where", "source=bvr", "--json").lines()
        self.assertEqual({line["system"]: line["count"] for line in counted}, {f"S{n}": EVENTS_A_BODY for n in range(BODIES)})


if __name__ == "__main__":
    flow.main()
