"""Our JSON's values as `ausearch -i` would print them."""
import re

from sorrel import to_bytes

CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
HEX = re.compile(rb"(?:[0-9A-F]{2})+")
PIECE = re.compile(r"^a(\d+)(?:\[(\d+)\]|_len)?$")

CAPABILITY_SETS = {prefix + name for prefix in ("", "old_", "new_", "cap_") for name in
                   ("fp", "fi", "pp", "pi", "pe", "pa")}
# What a terminal sends for a key, and the key's name; a quoted text in between.
KEYS = {b"nl": b"\n", b"ret": b"\r", b"tab": b"\t", b"esc": b"\x1b", b"backspace": b"\x7f",
        b"up": b"\x1b[A", b"down": b"\x1b[B", b"right": b"\x1b[C", b"left": b"\x1b[D"}
TYPED = re.compile(rb'"((?:[^"\\]|\\.)*)"|<([\w-]+)>|\^([@-_])', re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def unescaped(text):
    return ESCAPED.sub(lambda match: bytes([int(match[1], 8)]) if len(match[1]) == 3 else match[1], text)


def keystrokes(theirs):
    """The bytes of what was typed, of its words for them: "ls",<nl>. None for a key not known here."""
    data, at = b"", 0
    while at < len(theirs):
        match = TYPED.match(theirs, at)
        if not match:
            return None
        text, name, control = match.groups()
        if name is not None and name not in KEYS:
            return None
        data += KEYS[name] if name else bytes([control[0] - 64]) if control else unescaped(text)
        at = match.end()
        if theirs[at:at + 1] == b",":
            at += 1
    return data


def escaped(data):
    """Its escaping for a terminal: control characters as octal."""
    return CONTROL.sub(lambda match: b"\\%03o" % match.group()[0], data)


def plain(value):
    """A value of ours as the text it stands for."""
    if value is None:
        return b"(null)"
    if isinstance(value, bool):
        return b"yes" if value else b"no"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, str):
        return escaped(to_bytes(value))
    if isinstance(value, list):
        return None
    return None


def decoded(raw):
    """The bytes of an untrusted string as the kernel writes it."""
    if raw.startswith(b'"'):
        return raw.strip(b'"')
    return bytes.fromhex(raw.decode()) if HEX.fullmatch(raw) else raw


def only_decoded(written, theirs):
    """Whether `theirs` is what the record has, without hex and quotes: no interpretation."""
    data = decoded(written)
    texts = {escaped(data), escaped(data.replace(b"\0", b" ")), escaped(data).replace(b"\\001", b" key="), b"0x" + written}
    return theirs.rstrip() in {text.rstrip() for text in texts}


def address(saddr):
    """{ saddr_fam=inet laddr=... lport=... }, as far as ausearch has words for it."""
    family = saddr.get("saddr_fam")
    words = [f"saddr_fam={family}".encode()]
    if family == "local":
        words.append(b"path=" + escaped(to_bytes(saddr.get("path", ""))))
    elif family in ("inet", "inet6"):
        scope = b"%%%d" % saddr["scope_id"] if saddr.get("scope_id") else b""
        words += [b"laddr=" + saddr.get("addr", "").encode() + scope, b"lport=%d" % saddr.get("port", 0)]
    elif family == "netlink":
        words += [b"nlnk-fam=16", b"nlnk-pid=%d" % saddr.get("pid", 0)]
    elif family == "atmpvc":
        words.append(b"int=%d" % saddr.get("itf", 0))
    elif family in ("ax25", "x25"):
        key, theirs = ("call", b"call=") if family == "ax25" else ("addr", b"laddr=")
        words.append(theirs + escaped(to_bytes(saddr.get(key, ""))))
    else:
        words.append(b"(unsupported)")
    return b"{ " + b" ".join(words) + b" }"


def addresses(saddr, translated):
    """All that ausearch may say when it means what we say: of a family that it has no name for, the
    number is all it gives, as are the bytes of ours."""
    found = [address(translated)] if translated else []
    number = to_bytes(saddr)[:2] if isinstance(saddr, str) else b""
    if len(number) == 2:
        found.append(b"unknown-family(%d)" % int.from_bytes(number, "little"))
    return found


def same_number(ours, theirs):
    """"0x3", "0o600" of ours and what stands for the same number in their words."""
    match = re.fullmatch(r"0([xo])([0-9a-f]+)", ours) if isinstance(ours, str) else None
    if not match:
        return False
    base = 16 if match.group(1) == "x" else 8
    try:
        return int(match.group(2), base) == int(theirs.decode(), base)
    except ValueError:
        return False


def is_permissions(theirs, name):
    """The mode of a new node without its type: 0600 of what is "fifo,600" for us."""
    match = re.fullmatch(r"[a-z]+,([0-7]{3})", name) if isinstance(name, str) else None
    return bool(match) and theirs == b"0" + match[1].encode()


def is_no_name(theirs, ours, name):
    """Words for a number that has no name there: ours is the number, and a name of ours is beyond it."""
    if theirs == b"UNKNOWN":
        return name is None
    match = re.fullmatch(rb"unknown-[a-z]+\((\d+)\)", theirs)
    if not match:
        return False
    return ours == int(match[1]) or same_number(ours, b"%x" % int(match[1]))


def lists(values, theirs):
    """An array of ours as one text, with the separator that they use."""
    separator = b"|" if b"|" in theirs else b","
    return separator.join(plain(value) or b"" for value in values)
