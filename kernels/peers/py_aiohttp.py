"""Pages from a slow web server by Python's means: aiohttp, and http.client on a pool of threads."""
import os
import subprocess
import peer


class Pages(peer.Peer):
    kernel, workers = "http", "fixed"
    params = {"failures": 0, "trickle": 0, "silent": 0}

    def prepare(self):
        self.flight, self.bytes = int(self.param("flight", 64)), int(self.param("bytes", 100))
        server = os.path.join(os.path.dirname(os.path.abspath(__file__)), "web_http")
        self.server = subprocess.Popen([server, "--serve", str(self.param("delay", 2)), str(self.bytes), str(self.seed)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.server.stdout.readline())
        self.begin()

    def begin(self):
        pass

    def is_right(self, page, text):
        return len(text) == self.bytes and text.startswith(b"page %d: " % page)

    def check(self):
        return float(self.right)

    def close(self):
        self.server.stdin.close()
        self.server.wait()


class Aiohttp(Pages):
    name = "aiohttp"
    needs = {"aiohttp": "python3-aiohttp"}

    def begin(self):
        import asyncio
        import aiohttp
        self.loop = asyncio.new_event_loop()

        async def open_session():
            return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self.flight))
        self.session = self.loop.run_until_complete(open_session())

    async def get(self, page):
        async with self.session.get(f"http://127.0.0.1:{self.port}/{page}") as answer:
            return self.is_right(page, await answer.read())

    async def get_all(self):
        import asyncio
        return sum(await asyncio.gather(*(self.get(page) for page in range(self.size))))

    def run(self):
        self.right = self.loop.run_until_complete(self.get_all())

    def close(self):
        self.loop.run_until_complete(self.session.close())
        self.loop.close()
        super().close()


class Threads(Pages):
    name = "concurrent.futures"
    needs = {"concurrent.futures": "python3"}

    def begin(self):
        import concurrent.futures
        import threading
        self.own = threading.local()  # each thread's connection stays open
        self.pool = concurrent.futures.ThreadPoolExecutor(min(self.flight, 64))  # more are slower

    def get(self, page):
        import http.client
        if not hasattr(self.own, "link"):
            self.own.link = http.client.HTTPConnection("127.0.0.1", self.port)
        self.own.link.request("GET", f"/{page}")
        return self.is_right(page, self.own.link.getresponse().read())

    def run(self):
        self.right = sum(self.pool.map(self.get, range(self.size)))

    def close(self):
        self.pool.shutdown()
        super().close()


peer.main(Aiohttp, Threads)
