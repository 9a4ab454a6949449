"""Reads what `ausearch -i` prints:

    node=N type=T msg=audit(11/23/26 07:34:11.137:6997) : name=value name=value ...

Values are bare: they may hold blanks, "=" and quotes, and only the record itself says where a name
begins. So the text is cut at the names that the record has, in their order.
"""
import calendar
import dataclasses
import re

import ausearch_values as values

HEAD = re.compile(rb"(?:node=(\S+) )?type=(\S+) "
                  rb"msg=audit\((\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)\.(\d+):(\d+)\) : ?")
# A name at the start or after a blank or the quote of msg='; a quoted value is jumped over.
TOKEN = re.compile(rb"""(?:^|(?<=[ ']))([A-Za-z_][\w.-]*(?:\[\d+\])?)=("[^"]*"(?=[ ']|$)|\{[^}]*\}|msg='|[^ ]*)""")
FREE_TEXT = "(text)"


@dataclasses.dataclass
class Printed:
    node: str
    type: str
    id: str
    text: bytes


def stamp(match):
    month, day, year, hour, minute, second = (int(part) for part in match.groups()[2:8])
    seconds = calendar.timegm((2000 + year, month, day, hour, minute, second))
    return f"{seconds}.{match.group(9).decode()}:{match.group(10).decode()}"


def parse_line(line):
    """The Printed of a line, or None."""
    match = HEAD.match(line)
    if not match:
        return None
    node, kind = match.group(1) or b"", match.group(2)
    return Printed(node.decode(), kind.decode(), stamp(match), line[match.end():])


def parse(output):
    """All records, those of an event in the order in which the log has them; ausearch prints them
    backwards. A value with a line break goes on in the next line."""
    event, result = [], []
    for line in output.split(b"\n"):
        if line == b"----":
            result += reversed(event)
            event = []
            continue
        printed = parse_line(line)
        if printed:
            event.append(printed)
        elif event and line:
            event[-1].text += b"\n" + line
    return result + event[::-1]


def tokens(body):
    """[(name, value)] of a record's own text, of msg='...' those inside; a value as it is written."""
    result, at = [], 0
    while True:
        match = TOKEN.search(body, at)
        if not match:
            return result
        name, value = match.groups()
        if name == b"msg" and value.startswith(b"'"):
            at = match.start(2) + 1
            continue
        result.append((name.decode(), value.rstrip(b"'") if b"msg='" in body else value))
        at = match.end()


def end_of_decoded(text, at, written):
    """Where the next name may begin: behind the value, if that is printed decoded; it may look like one itself."""
    data = values.escaped(values.decoded(written))
    end = at + len(data)
    return end if text[at:end] == data and text[end:end + 1] in (b"", b" ", b"'") else at


def cut(text, fields):
    """[(name, value)] of printed text, with what stands before the first name as FREE_TEXT. A name
    that is not found is left out. `fields` are those of tokens()."""
    places, at = [], 0
    for name, written in fields:
        pattern = re.compile(rb"(?:^|(?<=[ ']))" + re.escape(name.encode()) + b"=")
        match = pattern.search(text, at)
        if match:
            places.append((name, match.start(), match.end()))
            at = end_of_decoded(text, match.end(), written)
    result = []
    first = places[0][1] if places else len(text)
    if text[:first].strip():
        result.append((FREE_TEXT, text[:first].strip()))
    for number, (name, _, start) in enumerate(places):
        end = places[number + 1][1] if number + 1 < len(places) else len(text)
        value = text[start:end]
        # One blank ends a value; msg=' opens before the next name, and closes at the end.
        value, _, words = value.removesuffix(b"\n").partition(b" msg='")
        if words.strip():
            result.append((FREE_TEXT, words.strip()))
        result.append((name, value.removesuffix(b" ")))
    if b"msg='" in text and result:
        name, value = result[-1]
        result[-1] = name, value.removesuffix(b"'")
    return result
