#!/usr/bin/env python3
"""A collector for the tests: Splunk's HTTP Event Collector with acknowledgements, Elasticsearch's
_bulk with its answers item by item, and lines of JSON, over HTTP or TLS on 127.0.0.1.

Each event's EVENT_UID is a line of --log, written and flushed before it is confirmed, so that
`kill -9` at any moment loses nothing that was confirmed. With --acks an event is "indexed" a while
after it was accepted, as Splunk does it: what a kill takes in between was never acknowledged.

It can be ill on purpose: --busy N answers each Nth request with 429 or 503, --drop N closes the
connection of each Nth without an answer, and an event that is no JSON object is refused with its
whole request, or alone by _bulk.
"""
import argparse
import gzip
import http.server
import itertools
import json
import socketserver
import ssl
import threading
import time
import uuid

TOKEN = "5ec7e7-for-tests"


class Store:
    """The uids on disk, and those that wait to get there."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.known = set()
        try:
            with open(path) as log:
                self.known.update(line.strip() for line in log if line.endswith("\n"))
        except FileNotFoundError:
            pass
        self.log = open(path, "a")

    def write(self, uids):
        with self.lock:
            self.log.writelines(uid + "\n" for uid in uids)
            self.log.flush()
            self.known.update(uids)

    def has(self, uid):
        with self.lock:
            return uid in self.known


class Channel:
    """Splunk's: ids in order, each true once its events are on disk, and told so once."""

    def __init__(self):
        self.ids = itertools.count()
        self.indexed = set()


class Indexer:
    def __init__(self, store):
        self.store = store
        self.lock = threading.Lock()
        self.waiting = []
        self.channels = {}
        threading.Thread(target=self.run, daemon=True).start()

    def accept(self, channel_name, uids):
        with self.lock:
            channel = self.channels.setdefault(channel_name, Channel())
            number = next(channel.ids)
            self.waiting.append((channel, number, uids))
        return number

    def run(self):
        while True:
            time.sleep(0.05)
            with self.lock:
                batch, self.waiting = self.waiting, []
            for channel, number, uids in batch:
                self.store.write(uids)
                with self.lock:
                    channel.indexed.add(number)

    def ask(self, channel_name, numbers):
        with self.lock:
            channel = self.channels.setdefault(channel_name, Channel())
            answer = {str(number): number in channel.indexed for number in numbers}
            channel.indexed.difference_update(numbers)
        return answer


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address, options):
        super().__init__(address, Handler)
        self.options = options
        self.store = Store(options.log)
        self.indexer = Indexer(self.store)
        self.count = itertools.count(1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path.split("?")[0]
        options = self.server.options
        number = next(self.server.count)
        if options.drop and number % options.drop == 0:
            self.close_connection = True
            return
        if self.headers.get("Content-Encoding") == "gzip":
            if options.refuse_gzip:
                return self.answer(400, {"text": "Invalid data format", "code": 6})
            body = gzip.decompress(body)
        if path == "/services/collector/ack":
            return self.acks(body)
        if options.busy and number % options.busy == 0:
            if number % (2 * options.busy) == 0:
                return self.answer(429, {"text": "slow down"}, {"Retry-After": "0"})
            return self.answer(503, {"text": "Server is busy", "code": 9})
        if path == "/services/collector/event":
            return self.hec(body)
        if path == "/_bulk":
            return self.bulk(body)
        if path == "/lines":
            return self.lines(body)
        self.answer(404, {"error": "no such path"})

    def answer(self, status, document, headers=()):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def hec(self, body):
        authorization = self.headers.get("Authorization")
        if authorization is None:
            return self.answer(401, {"text": "Token is required", "code": 2})
        if authorization != "Splunk " + TOKEN:
            return self.answer(403, {"text": "Invalid token", "code": 4})
        uids = []
        for number, line in enumerate(body.decode().splitlines()):
            try:
                uids.append(json.loads(line)["event"]["EVENT_UID"])
            except (ValueError, KeyError, TypeError):
                return self.answer(400, {"text": "Invalid data format", "code": 6,
                                         "invalid-event-number": number})
        if not uids:
            return self.answer(400, {"text": "No data", "code": 5})
        if not self.server.options.acks:
            self.server.store.write(uids)
            return self.answer(200, {"text": "Success", "code": 0})
        channel = self.channel()
        if channel is None:
            return self.answer(400, {"text": "Data channel is missing", "code": 10})
        number = self.server.indexer.accept(channel, uids)
        self.answer(200, {"text": "Success", "code": 0, "ackId": number})

    def channel(self):
        try:
            return str(uuid.UUID(self.headers.get("X-Splunk-Request-Channel", "")))
        except ValueError:
            return None

    def acks(self, body):
        if not self.server.options.acks:
            return self.answer(400, {"text": "ACK is disabled", "code": 14})
        channel = self.channel()
        if channel is None:
            return self.answer(400, {"text": "Data channel is missing", "code": 10})
        numbers = json.loads(body)["acks"]
        self.answer(200, {"acks": self.server.indexer.ask(channel, numbers)})

    def bulk(self, body):
        items, stored = [], []
        lines = body.decode().splitlines()
        for action, line in zip(lines[::2], lines[1::2]):
            uid = json.loads(action)["create"]["_id"]
            try:
                document = json.loads(line)
                if self.server.store.has(uid):
                    error = {"type": "version_conflict_engine_exception", "reason": "exists"}
                    items.append({"create": {"status": 409, "error": error}})
                elif document["EVENT_UID"] != uid:
                    items.append({"create": {"status": 400, "error": {"type": "uid", "reason": uid}}})
                else:
                    stored.append(uid)
                    items.append({"create": {"status": 201}})
            except ValueError:
                error = {"type": "document_parsing_exception", "reason": "no JSON"}
                items.append({"create": {"status": 400, "error": error}})
        self.server.store.write(stored)
        errors = any("error" in item["create"] for item in items)
        self.answer(200, {"errors": errors, "items": items})

    def lines(self, body):
        try:
            uids = [json.loads(line)["EVENT_UID"] for line in body.decode().splitlines()]
        except ValueError:
            return self.answer(400, {"error": "a line is no JSON"})
        self.server.store.write(uids)
        self.answer(200, {})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", required=True, help="file of the uids that came")
    parser.add_argument("--acks", action="store_true")
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--drop", type=int, default=0)
    parser.add_argument("--refuse-gzip", action="store_true")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--client-ca", help="clients need a certificate of it")
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), options)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(options.cert, options.key)
        if options.client_ca:
            context.load_verify_locations(options.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
