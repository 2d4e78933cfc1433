"""Many pages from a slow server, in Python: one by one, on a pool of threads, with aiohttp where it is. --quick: fewer."""
import concurrent.futures
import http.client
import http.server
import socketserver
import sys
import threading
import time

PAGES, DELAY, FLIGHT = (20, 0.02, 20) if "--quick" in sys.argv[1:] else (100, 0.02, 50)


class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True  # connections stay open; nothing is held back

    def do_GET(self):
        time.sleep(DELAY)  # it is the server that takes its time
        text = b"page %s" % self.path[1:].encode()
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))

    log_message = lambda *_: None


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads, request_queue_size = True, 128


#> one-by-one
own = threading.local()  # each thread has a connection of its own


def get(page):
    if not hasattr(own, "link"):
        own.link = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    own.link.request("GET", f"/{page}")
    return own.link.getresponse().read()  # waits


def one_by_one():
    return [get(page) for page in range(PAGES)]
#< one-by-one


#> pool
def pool():
    with concurrent.futures.ThreadPoolExecutor(FLIGHT) as threads:
        return list(threads.map(get, range(PAGES)))
#< pool


#> aiohttp
async def by_aiohttp():
    patience = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(timeout=patience) as session:
        async def fetch(page):
            async with session.get(f"http://127.0.0.1:{server.server_port}/{page}") as answer:
                return await answer.read()
        return await asyncio.gather(*(fetch(page) for page in range(PAGES)))
#< aiohttp


def run(name, way):
    begin = time.perf_counter()
    right = way() == [b"page %d" % page for page in range(PAGES)]
    print(f"{name:12} {time.perf_counter() - begin:6.2f} s  {'all right' if right else 'WRONG'}")
    return right


server = Server(("127.0.0.1", 0), Slow)  # port 0: the system chooses a free one
threading.Thread(target=server.serve_forever, daemon=True).start()
good = [run("one by one", one_by_one), run(f"{FLIGHT} threads", pool)]
try:
    import asyncio
    import aiohttp
    good.append(run("aiohttp", lambda: asyncio.run(by_aiohttp())))
except ImportError:
    print("aiohttp      is not here (package python3-aiohttp)")
server.shutdown()
sys.exit(0 if all(good) else 1)
