"""Certificates: wrong, expired, revoked, pinned, and replaced under load."""
import os
import pathlib
import shutil

from collector import wait_until
from pki import fingerprint, make_leaf, make_revocation_list
from scenario import Scenarios

WANTED = r"the collector wants a certificate of ours \(tls.cert and tls.key\)"


class TlsScenarios(Scenarios):
    def refused(self, folder, wanted, mend, protocol="relp", prepare=None, **tls):
        """Something is wrong: sorreld says it, and nothing arrives. `mend` puts it right: all arrive."""
        pki = self.prepare(folder)
        if prepare:
            prepare(pki)
        tls = {name: str(pki / value) if name in ("ca", "cert", "key", "crl") and value else value
               for name, value in tls.items()}
        with self.under_load(folder, protocol, pki=pki, tls=tls) as run:
            run.says(wanted)
            assert not run.receiver.uids(), "events arrived"
            mend(run)
            run.grow(self.rate // 4)
        return run.figures

    def mended(self, protocol="relp", **tls):
        def mend(run):
            run.restart_with(self.output(protocol, run.receiver.port, run.pki, tls=tls))
        return mend

    def wrong_authority(self, folder):
        return self.refused(folder, "not of an authority in tls.ca", self.mended(), ca="rogue.crt")

    def wrong_name(self, folder):
        return self.refused(folder, "for another name", self.mended(), server_name="other.example")

    def no_client_certificate(self, folder):
        return self.refused(folder, WANTED, self.mended(), cert=None, key=None)

    def no_client_certificate_syslog(self, folder):
        return self.refused(folder, WANTED, self.mended("syslog"), "syslog", cert=None, key=None)

    def rogue_client_certificate(self, folder):
        def replace(run):
            make_leaf(run.pki, "client")  # the file in use: seen before the next attempt
        return self.refused(folder, r"the collector does not believe our certificate|closed the connection",
                            replace, prepare=lambda pki: make_leaf(pki, "client", "rogue"))

    def expired_certificate(self, folder):
        def replace(run):
            make_leaf(run.pki, "server")
            run.receiver.restart()
        return self.refused(folder, "the collector's certificate has expired", replace,
                            prepare=lambda pki: make_leaf(pki, "server", days=0))

    def revoked_certificate(self, folder):
        """A new certificate for the collector: the same list does not have it."""
        def replace(run):
            make_leaf(run.pki, "server")
            run.receiver.restart()
        return self.refused(folder, "has been revoked", replace, crl="ca.crl",
                            prepare=lambda pki: make_revocation_list(pki, "server"))

    def revoked_later(self, folder):
        """The list changes while events flow: the connection ends, and no other is made."""
        pki = self.prepare(folder)
        make_revocation_list(pki)
        with self.under_load(folder, "relp", pki=pki, tls={"crl": str(pki / "ca.crl")}) as run:
            run.grow(self.rate // 4)
            make_revocation_list(pki, "server")
            run.says("has been revoked")
            make_leaf(pki, "server")
            run.receiver.restart()
            run.grow(self.rate // 4)
        return run.figures

    def pins(self, folder):
        """The wrong one, and then, of two, the right one."""
        def mend(run):
            pins = ["0" * 64, fingerprint(run.pki, "server")]
            run.restart_with(self.output("relp", run.receiver.port, run.pki, tls={"fingerprints": pins}))
        return self.refused(folder, "none of tls.fingerprints; it is [0-9A-F]{64}", mend, fingerprints=["0" * 64])

    def client_files_are_swapped(self, folder):
        """A link is swapped under load, as certificate managers do: new connections, and nothing is lost."""
        pki = self.prepare(folder)
        tls = {"cert": str(pki / "now/client.crt"), "key": str(pki / "now/client.key")}

        def put(generation):
            (pki / generation).mkdir()
            make_leaf(pki, "client")
            for end in ("crt", "key"):
                shutil.copy(pki / f"client.{end}", pki / generation)
            os.symlink(generation, pki / "next")
            pathlib.Path(pki / "next").rename(pki / "now")

        put("0")
        swaps = 2
        with self.under_load(folder, "relp", has_proxy=True, pki=pki, tls=tls) as run:
            for swap in range(1, swaps + 1):
                run.grow(self.rate // 4)
                put(str(swap))
                told = "new TLS files are in use for new connections"
                wait_until(lambda: run.daemon.said().count(told) == swap, 20, told)
            run.grow(self.rate // 4)
            connections = run.proxy.connections
        assert connections == swaps + 1, f"{connections} connections"
        return f"{swaps} swaps, {run.figures}"

    def collector_gets_a_new_certificate(self, folder):
        """Of the same authority, with a restart, as rsyslog wants it."""
        with self.under_load(folder, "relp") as run:
            for _ in range(2):
                run.grow(self.rate // 4)
                make_leaf(run.pki, "server")
                run.receiver.restart()
            run.grow(self.rate // 4)
        return f"2 certificates, {run.figures}"
