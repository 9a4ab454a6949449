"""Certificates for the tests: two authorities, of which one is a stranger, and leafs of them."""
import subprocess


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command[:4]))}...: {done.stdout}{done.stderr}"[-2000:])
    return done.stdout


def make_leaf(folder, name, ca="ca"):
    """NAME.key and NAME.crt for localhost, replaced at once as a tool would do it."""
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key.new", "-out", f"{name}.csr", cwd=folder)
    (folder / "extensions").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n"
                                       "extendedKeyUsage=serverAuth,clientAuth\n")
    run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key",
        "-CAcreateserial", "-days", "2", "-extfile", "extensions", "-out", f"{name}.crt.new", cwd=folder)
    for end in ("key", "crt"):
        (folder / f"{name}.{end}.new").rename(folder / f"{name}.{end}")


def make_authorities(folder):
    for ca in ("ca", "rogue"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", f"/CN=sorrel test {ca}", "-keyout", f"{ca}.key", "-out", f"{ca}.crt",
            cwd=folder)
