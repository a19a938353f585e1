"""Fetches axe-core, which finds text that can hardly be read, into the project's .venv, and prints where it is.

It comes from the registry that npm is configured for, as a package of one version whose checksum is compared. When it is
there already, no network is needed.

usage: axe.py
"""
import base64
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import tarfile
import urllib.request

VERSION = "4.14.1"
# The integrity that npm's registry gives for the package.
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / ".venv" / "lib" / f"axe-core-{VERSION}" / "axe.min.js"


def registry():
    """Returns the address of the registry: npm's, or where there is no npm the one that npm would use by itself."""
    if npm := shutil.which("npm"):
        return subprocess.run([npm, "config", "get", "registry"], check=True, capture_output=True, text=True).stdout.strip()
    return os.environ.get("npm_config_registry", "https://registry.npmjs.org/")


def fetch():
    """Downloads the package, compares its checksum and keeps its script and licence."""
    address = f"{registry().rstrip('/')}/axe-core/-/axe-core-{VERSION}.tgz"
    try:
        package = urllib.request.urlopen(address, timeout=180).read()
    except OSError as error:
        raise SystemExit(f"axe-core: {address}: {error}: check the network and npm's registry, and repeat")
    if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
        raise SystemExit(f"axe-core: {address} is not the package that this project pinned: its SHA-512 differs")
    SCRIPT.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        for name in ("LICENSE", SCRIPT.name):  # the script last: once it is there, all is
            whole = SCRIPT.with_name(name + ".new")
            whole.write_bytes(files.extractfile(f"package/{name}").read())
            whole.replace(SCRIPT.with_name(name))


if __name__ == "__main__":
    if not SCRIPT.exists():
        fetch()
    print(SCRIPT)
