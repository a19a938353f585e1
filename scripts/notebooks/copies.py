"""Puts copies of the notebooks into a folder of their reader, where they can be changed without dirtying the clone.

usage: copies.py FOLDER

A notebook that is in the folder is never overwritten. One that has changed in the clone since it was copied is put
beside it under another name, such as 04_training.2.ipynb. FOLDER/.shipped.json keeps the sum of what was copied.
Beside FOLDER, results/ becomes a link to the clone's results, which some notebooks read.
"""
import hashlib
import json
import pathlib
import shutil
import sys

CLONE = pathlib.Path(__file__).resolve().parents[2]


def free(path):
    """Returns the first name that is free: NAME.ipynb, NAME.2.ipynb and so on."""
    number, name = 1, path
    while name.exists() or name.is_symlink():
        number += 1
        name = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return name


def read(path):
    """Returns what was copied before; nothing if the file is missing or damaged."""
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def copy(folder):
    """Copies what is missing or new, and says what is new."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / ".shipped.json"
    known = read(record)
    shipped = {}
    for source in sorted((CLONE / "notebooks").glob("*.ipynb")):
        path = folder / source.name
        shipped[source.name] = hashlib.sha256(source.read_bytes()).hexdigest()
        if path.exists() and known.get(source.name) == shipped[source.name]:
            continue
        if path.exists() and path.read_bytes() == source.read_bytes():
            continue
        target = free(path)
        shutil.copyfile(source, target)
        if target != path:
            print(f"lab: a newer {path.name} lies beside your copy: {target.name}", file=sys.stderr)
    if known != shipped:
        record.write_text(json.dumps(shipped, indent=1) + "\n")
    results = folder.parent / "results"
    if not results.exists() and not results.is_symlink():
        results.symlink_to(CLONE / "results")


def main():
    try:
        copy(pathlib.Path(sys.argv[1]))
    except OSError as error:
        print(f"lab: the notebooks could not be copied ({error}): they lie in {CLONE / 'notebooks'}", file=sys.stderr)


if __name__ == "__main__":
    main()
