"""Certificates for the tests: two authorities, of which one is a stranger, and leafs of them."""
import hashlib
import ssl
import subprocess

CA_CONF = """[ca]
default_ca=it
[it]
database=index.txt
certificate=ca.crt
private_key=ca.key
default_md=sha256
default_crl_days=2
"""


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command[:4]))}...: {done.stdout}{done.stderr}"[-2000:])
    return done.stdout


def make_leaf(folder, name, ca="ca", days=2):
    """NAME.key and NAME.crt for localhost, replaced at once as a tool would do it. Of 0 days: it has expired."""
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key.new", "-out", f"{name}.csr", cwd=folder)
    (folder / f"{name}.extensions").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                                               "extendedKeyUsage=serverAuth,clientAuth\n")
    run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key",
        "-CAcreateserial", "-days", str(days), "-extfile", f"{name}.extensions", "-out", f"{name}.crt.new",
        cwd=folder)
    for end in ("key", "crt"):
        (folder / f"{name}.{end}.new").rename(folder / f"{name}.{end}")


def make_authorities(folder):
    for ca in ("ca", "rogue"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN=sorrel test {ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.crt",
            cwd=folder)


def make_revocation_list(folder, *revoked):
    """ca.crl with the certificates NAME.crt; replaced at once."""
    (folder / "ca.conf").write_text(CA_CONF)
    (folder / "index.txt").touch()
    for name in revoked:
        run("openssl", "ca", "-config", "ca.conf", "-revoke", f"{name}.crt", cwd=folder)
    run("openssl", "ca", "-config", "ca.conf", "-gencrl", "-out", "ca.crl.new", cwd=folder)
    (folder / "ca.crl.new").rename(folder / "ca.crl")


def fingerprint(folder, name):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert((folder / f"{name}.crt").read_text())).hexdigest()
