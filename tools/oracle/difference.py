"""One difference between what we say and what a peer says."""
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Difference:
    oracle: str        # ausearch, laurel (translating), laurel-bare
    kind: str          # missing record, missing key, value, type, shape, length
    id: str
    type: str
    key: str           # SYSCALL's "PID.EVENT_ID"; "" for the record itself
    ours: str
    theirs: str
    raw: str = ""      # what the record has at this key, or the whole record

    def text(self):
        return f"{self.oracle} {self.id} {self.type}.{self.key}: {self.kind}: ours {self.ours} theirs {self.theirs}"


def shown(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
