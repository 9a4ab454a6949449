"""An output comes, moves to another server and goes with SIGHUP."""
import contextlib

from live_changes import Run, check_all
from scenario import Scenarios


class ReloadScenarios(Scenarios):
    def relp_moves_by_reload(self, folder):
        return self.moves(folder, "relp")

    def syslog_moves_by_reload(self, folder):
        return self.moves(folder, "syslog")

    def udp_moves_by_reload(self, folder):
        return self.moves(folder, "udp")

    def moves(self, folder, protocol):
        pki = self.prepare(folder)
        with contextlib.ExitStack() as stack:
            receivers = []
            for name in "abc":
                place = folder / name
                place.mkdir()
                receivers.append(stack.enter_context(self.make_receiver(place, protocol, pki)))
            first, second, third = receivers

            def output(name, receiver):
                made = (self.udp_output(receiver.port, rate=2 * self.rate) if protocol == "udp" else
                        self.output(protocol, receiver.port, pki))
                return {**made, "name": name}
            steady = output("steady", first)
            run = Run(stack, self.sorreld, folder, self.rate, [steady])
            few = self.rate // 4
            run.grow(first, few)
            run.reload([steady, output("mobile", second)], "a new output begins output=mobile")
            run.grow(second, few)
            run.reload([steady, output("mobile", third)], "an output goes on with its new options")
            run.grow(third, few)
            # As a mistake: nothing changes.
            run.reload([steady, {**output("mobile", second), "types": ["NONSENSE"]}], "the old one stays")
            run.grow(third, few)
            run.reload([steady], "has gone from the configuration and has ended output=mobile")
            run.grow(first, few)
            run.end()
            uids, reloads = run.ordered()
            came = [{uid.decode(): count for uid, count in each.uids().items()} for each in receivers]
            assert len(reloads) == 4, reloads
            check_all(uids, came[0], "the steady output")
            assert sum(came[0].values()) == len(came[0]), "the steady output sent events twice"
            moved = set(came[1]) | set(came[2])
            check_all(uids[reloads[0] + 1:reloads[3] + 1], moved, "the one that moved")
            assert not moved & set(uids[:reloads[0]]), "events of before it was added"
            twice = sum(came[1].values()) + sum(came[2].values()) - len(moved)
            return f"{len(uids)} events, {len(moved)} to the one that moved, {twice} twice"
