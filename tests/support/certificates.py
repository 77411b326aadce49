"""Certificates made by the openssl program, good and bad ones, for servers on loopback."""

import subprocess
from pathlib import Path

AUTHORITY = "[v3]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\n"
SERVER = "[v3]\nbasicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\n"


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


class Certificate:
    def __init__(self, folder, name):
        self.name = name
        self.pem = Path(folder) / f"{name}.pem"
        self.key = Path(folder) / f"{name}.key"


def make(folder, name, issuer=None, names=(), authority=False, dates=None):
    """A certificate for these host names and addresses, signed by the issuer or else by itself.

    `dates`: (first, last) as openssl writes them, 20200101000000Z; today and tomorrow if absent."""
    made = Certificate(folder, name)
    request, settings = Path(folder) / f"{name}.csr", Path(folder) / f"{name}.cnf"
    extensions = AUTHORITY if authority else SERVER
    if names:
        listed = ",".join(f"IP:{n}" if n.replace(".", "").isdigit() or ":" in n else f"DNS:{n}" for n in names)
        extensions += f"subjectAltName={listed}\n"
    # `openssl ca` is the one command that takes the two dates; it wants a database.
    settings.write_text(f"""{extensions}
[ca]
default_ca=here
[here]
database={folder}/{name}.index
serial={folder}/{name}.serial
new_certs_dir={folder}
policy=any
default_md=sha256
x509_extensions=v3
unique_subject=no
[any]
commonName=supplied
""")
    Path(folder, f"{name}.index").write_text("")
    Path(folder, f"{name}.serial").write_text("%016X\n" % (hash((name, str(folder))) & 0x7FFFFFFFFFFFFFFF | 1))
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", made.key, "-out", request, "-subj", f"/CN={name}")
    signer = issuer or made
    how = ["-selfsign"] if issuer is None else ["-cert", signer.pem]
    when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else ["-days", "1"]
    openssl("ca", "-batch", "-notext", "-config", settings, "-in", request, "-out", made.pem,
            "-keyfile", signer.key, *how, *when)
    return made
