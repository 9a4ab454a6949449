"""One difference between what we say and what a peer says."""
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Difference:
    oracle: str        # ausearch, laurel, laurel-bare
    kind: str          # missing record, missing key, value, type, shape, length
    id: str
    type: str
    key: str           # SYSCALL's "PID.EVENT_ID"; "" for the record itself
    ours: str
    theirs: str
    raw: str = ""      # the record's text
    fault: str = ""    # of LAUREL's table of processes, see laurel_processes


def shown(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
