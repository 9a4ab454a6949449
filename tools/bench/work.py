"""What `sorrelctl decode` is measured at, and the peer's equal work: `PLAIN` is the records as they
are, `NAMED` adds names, processes and ancestors.
"""
import dataclasses
import pathlib
import sys

import laurel
from measure import Command

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import sandbox  # noqa: E402  (its namespaces, in which the peer sees nothing of this machine)

# The users and groups that both sides translate by.
ROOT = pathlib.Path(__file__).resolve().parents[1] / "oracle/root"
# Of what is on by default, all that the target is not about. LAUREL's default has groups, scripts
# and the environment; these cost it next to nothing here, where /proc has nothing to tell.
NAMED_CONFIG = """\
enrich: {arguments: no, groups: no, paths: no, script: no, session: no, environment: []}
"""


@dataclasses.dataclass
class Work:
    name: str  # behind the label of the input; empty for the records as they are
    max_instructions: int  # for each byte of input
    min_ratio: int = 15

    def label(self, of_input):
        return f"{of_input}, {self.name}" if self.name else of_input

    def arguments(self, options):
        """Of `sorrelctl decode`, before the input."""
        raise NotImplementedError

    def peer(self, program, options, input_path):
        """LAUREL's command, and one that does no more than what is around it; None: nothing is."""
        raise NotImplementedError


class Plain(Work):
    def arguments(self, options):
        return ["--no-enrich"]

    def peer(self, program, options, input_path):
        return laurel.command(program, options.folder, input_path), None


class Named(Work):
    def arguments(self, options):
        path = options.folder / "named.yaml"
        path.write_text(NAMED_CONFIG)
        return ["--config", path, "--root", ROOT]

    def peer(self, program, options, input_path):
        """Raises sandbox.Missing. Its /proc is empty: reading it would cost LAUREL more."""
        sandbox.check(ROOT)
        inside = laurel.arguments(program, options.folder, laurel.TRANSLATING)
        return [Command(sandbox.command(ROOT, "/dev/null", arguments), stdin=input_path, cwd=options.folder)
                for arguments in (inside, ["true"])]


PLAIN = Plain("", max_instructions=14)
NAMED = Named("names, processes, ancestors", max_instructions=18)
