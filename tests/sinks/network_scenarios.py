"""Networks that reset, swallow, and stand still."""
import time

from collector import wait_until
from scenario import Scenarios


class NetworkScenarios(Scenarios):
    def resets(self, folder, protocol):
        with self.under_load(folder, protocol, has_proxy=True) as run:
            for _ in range(self.kills):
                run.grow(self.rate // 4)
                run.proxy.reset()
            run.grow(self.rate // 4)
            connections = run.proxy.connections
        assert connections > self.kills
        return f"{self.kills} resets, {run.figures}"

    def relp_resets(self, folder):
        return self.resets(folder, "relp")

    def syslog_resets(self, folder):
        return self.resets(folder, "syslog")

    def black_hole(self, folder, act, **more):
        """Connections that are there and bring nothing: RELP's timeout tells."""
        with self.under_load(folder, "relp", has_proxy=True, timeout="2s") as run:
            for _ in range(2):
                run.grow(self.rate // 4)
                connections = run.proxy.connections
                act(run.proxy)
                wait_until(lambda: run.proxy.connections > connections, 20, "it connects anew")
            run.grow(self.rate // 4)
        return f"2 black holes, {run.figures}"

    def relp_is_half_open(self, folder):
        return self.black_hole(folder, lambda proxy: proxy.swallow())

    def relp_stands_still(self, folder):
        return self.black_hole(folder, lambda proxy: proxy.stand_still())

    def syslog_replays(self, folder):
        """What a network swallowed before it broke off comes again: it is younger than the replay time."""
        with self.under_load(folder, "syslog", has_proxy=True) as run:
            for _ in range(2):
                run.grow(self.rate // 4)
                run.proxy.swallow()
                before = run.load.sent
                time.sleep(1)
                assert run.load.sent > before, "nothing was swallowed"
                run.proxy.reset()
            run.grow(self.rate // 4)
        return f"2 breaks, {run.figures}"

    def syslog_without_replay(self, folder):
        """The same without a window, to see that it matters: the protocol loses."""
        nothing = {"size": 0, "time": "0s"}
        try:
            with self.under_load(folder, "syslog", has_proxy=True, replay=nothing) as run:
                run.grow(self.rate // 4)
                run.proxy.swallow()
                time.sleep(1)
                run.proxy.reset()
                run.grow(self.rate // 4)
                run.load.stop()
                time.sleep(1)
                lost = len(run.daemon.sent() - set(run.receiver.uids()))
                assert lost > 0, "the window makes no difference"
                run.receiver.came.counts.update(run.daemon.sent())  # no more is asked of it
        finally:
            run.load.stop()
        return f"{lost} events are lost without a replay window"
