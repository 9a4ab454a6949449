"""A network that fails: a proxy on the loopback interface between a client and a server."""
import select
import socket
import struct
import threading

LINGER_NOT = struct.pack("ii", 1, 0)  # close() sends a reset


class Proxy:
    """Forwards; at the test's word it resets what is open, swallows it, or lets it stand still."""

    def __init__(self, target):
        self.target = target
        self.connections = 0
        self.pairs = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_ended = False
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_ended = True
        self.listener.close()
        self.reset()

    def accept(self):
        while not self.is_ended:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            pair = Pair(client, server)
            self.pairs.append(pair)
            pair.start()

    def reset(self):
        """Breaks off all connections on both sides."""
        for pair in self.pairs:
            pair.what = "reset"
        self.forget()

    def swallow(self):
        """What comes over the connections of now is taken and goes nowhere; the server's side is broken off,
        the client's stays: half open."""
        for pair in self.pairs:
            pair.what = "swallow"

    def stand_still(self):
        """Nothing more is read from the connections of now."""
        for pair in self.pairs:
            pair.what = "stand still"

    def forget(self):
        for pair in self.pairs:
            pair.join(5)
        self.pairs = [pair for pair in self.pairs if pair.is_alive()]


class Pair(threading.Thread):
    def __init__(self, client, server):
        super().__init__(daemon=True)
        self.client, self.server, self.what = client, server, "forward"

    def run(self):
        try:
            while self.what != "reset":
                if self.what == "swallow":
                    self.break_off(self.server)
                open_ones = [each for each in (self.client, self.server) if each.fileno() >= 0]
                wanted = [] if self.what == "stand still" else open_ones
                readable, _, _ = select.select(wanted, [], [], 0.02)
                for each in readable:
                    if not self.forward(each):
                        return
        except OSError:
            pass
        finally:
            self.break_off(self.client)
            self.break_off(self.server)

    def forward(self, source):
        data = source.recv(65536)
        if self.what != "forward":
            return bool(data)
        to = self.server if source is self.client else self.client
        if data:
            to.sendall(data)
            return True
        # An end in order is passed on, and the other side may go on for a while.
        to.shutdown(socket.SHUT_WR)
        source, to = to, source
        source.settimeout(5)
        while rest := source.recv(65536):
            to.sendall(rest)
        to.shutdown(socket.SHUT_WR)
        self.client.close()
        self.server.close()
        return False

    @staticmethod
    def break_off(sock):
        if sock.fileno() < 0:
            return
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        sock.close()
