"""A RELP server without TLS that takes connections, and refuses every event."""
import re
import socket
import threading


class RelpRefuser:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.refused = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        data = b""
        try:
            while more := client.recv(65536):
                data += more
                while head := re.match(rb"(\d+) (\w+) (\d+)", data):
                    number, command, size = head[1], head[2], int(head[3])
                    end = head.end() + (1 + size if size else 0) + 1
                    if len(data) < end:
                        break
                    data = data[end:]
                    is_event = command == b"syslog"
                    self.refused += is_event
                    said = b"500 not today" if is_event else b"200 OK"
                    client.sendall(b"%s rsp %d %s\n" % (number, len(said), said))
        except OSError:
            pass
