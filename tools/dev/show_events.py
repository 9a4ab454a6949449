#!/usr/bin/env python3
"""Copies lines from standard input to standard output as they come. On a terminal (and without
NO_COLOR) a JSON line gets colours: keys dim, record types bold, strings green, numbers cyan.
Lines "== text" are titles. Bytes are passed on as they are.
"""
import os
import re
import signal
import sys

DIM, BOLD, GREEN, CYAN, TITLE, OFF = (b"\x1b[2m", b"\x1b[1m", b"\x1b[32m", b"\x1b[36m", b"\x1b[1;33m", b"\x1b[0m")
TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*")(\s*:)?|([{}\[\]])|(-?\d[\d.eE+-]*|true|false|null)')


def coloured(line):
    depth = 0

    def paint(token):
        nonlocal depth
        text, colon, bracket, _ = token.groups()
        if bracket:
            depth += 1 if bracket in b"{[" else -1
            return bracket
        if text and colon:
            # A key of the outermost object that opens an object or a list is a record type.
            is_type = depth == 1 and line[token.end():token.end() + 1] in (b"{", b"[")
            return (BOLD if is_type else DIM) + text + OFF + colon
        return (GREEN if text else CYAN) + token.group(0) + OFF

    return TOKEN.sub(paint, line)


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        if line.startswith(b"== ") and colour:
            line = b"\n" + TITLE + line[3:].rstrip(b"\n") + OFF + b"\n"
        elif line.startswith(b"== "):
            line = b"\n" + line
        elif line.startswith(b"{") and colour:
            line = coloured(line)
        out.write(line)
        out.flush()


if __name__ == "__main__":
    main()
