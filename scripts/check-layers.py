#!/usr/bin/env python3
"""Fails when one workspace member depends on another against the direction of docs/architecture.md.

Usage: check-layers.py [ROOT]        checks the workspace at ROOT, by default the one this script is in
       check-layers.py --self-test   checks this script

Every kind of dependency counts: normal, dev, build, optional, and those of one target. What a member may use is listed
once, in ALLOWED; a member that is not listed is refused, so a new one has to be given its place.
"""
import sys
import tempfile
import tomllib
from pathlib import Path

PURE = {"primitives/types", "primitives/yuma"}
PALLET = PURE | {"pallets/support"}
CLIENTS = {"crates/protocol", "crates/chain", "crates/engine", "crates/models", "crates/daemon"}

# Folder of a member, or `folder/*` for all directly in it that have no line of their own -> folders it may use.
ALLOWED = {
    "primitives/types": set(),
    "primitives/yuma": {"primitives/types"},
    "primitives/api": {"primitives/types"},
    "pallets/support": {"primitives/types"},
    "pallets/*": PALLET,
    "runtime": PALLET | {"primitives/api", "pallets/*"},
    # The node is a long-running binary too: settings and log lines are as the others'.
    "node": PALLET | {"primitives/api", "pallets/*", "runtime", "crates/daemon"},
    "crates/protocol": {"primitives/types"},
    "crates/chain": {"primitives/types"},
    "crates/engine": {"primitives/types"},
    "crates/daemon": {"primitives/types"},
    "crates/models": {"primitives/types", "crates/protocol", "crates/engine"},
    "miner": CLIENTS | {"primitives/types"},
    # The validator predicts its dividends with the chain's own mathematics.
    "validator": CLIENTS | PURE,
    # `laurel explain` reads the receipts that a validator keeps.
    "cli": CLIENTS | PURE | {"validator"},
    # What `laurel subnet new` writes: a subnet author needs no more than this.
    "templates/subnet": {"crates/protocol", "miner", "validator"},
    # Whole-network tests may look into everything; nothing may use them.
    "tests": {"*"},
}

TABLES = ("dependencies", "dev-dependencies", "build-dependencies")


def pattern_of(folder):
    """The key of ALLOWED that speaks of this folder, or None."""
    if folder in ALLOWED:
        return folder
    family = f"{folder.rpartition('/')[0]}/*"
    return family if family in ALLOWED else None


def may_use(user, used):
    """Whether the member in folder `user` may depend on the one in folder `used`."""
    allowed = ALLOWED[pattern_of(user)]
    if "*" in allowed:
        return True
    return used in allowed or (used not in ALLOWED and pattern_of(used) in allowed)


def read(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def member_folders(root, workspace):
    excluded = set(workspace.get("exclude", []))
    for pattern in workspace.get("members", []):
        for path in sorted(root.glob(pattern)):
            folder = path.relative_to(root).as_posix()
            if (path / "Cargo.toml").is_file() and folder not in excluded:
                yield folder


def dependencies(manifest):
    """All (table, key, specification) of a manifest."""
    scopes = [("", manifest)] + [(f"target.{name}.", scope) for name, scope in manifest.get("target", {}).items()]
    for prefix, scope in scopes:
        for table in TABLES:
            for key, specification in scope.get(table, {}).items():
                yield prefix + table, key, specification


def target_folder(root, folder, key, specification, shared, by_name):
    """The member folder that a dependency names, by path or by package name; None for crates from elsewhere."""
    base = root / folder
    if isinstance(specification, dict) and specification.get("workspace"):
        base, specification = root, shared.get(key, {})
    if isinstance(specification, dict):
        if "path" in specification:
            path = (base / specification["path"]).resolve()
            if path.is_relative_to(root) and path.relative_to(root).as_posix() in by_name.values():
                return path.relative_to(root).as_posix()
        key = specification.get("package", key)
    return by_name.get(key)


def violations(root):
    """One line for each arrow that runs back and each member without a place."""
    root = Path(root).resolve()
    workspace = read(root / "Cargo.toml").get("workspace", {})
    manifests = {folder: read(root / folder / "Cargo.toml") for folder in member_folders(root, workspace)}
    by_name = {manifest["package"]["name"]: folder for folder, manifest in manifests.items()}
    shared = workspace.get("dependencies", {})
    if not manifests:
        yield f"{root}/Cargo.toml: no workspace members found"
    for folder, manifest in manifests.items():
        if pattern_of(folder) is None:
            yield f"{folder}: no place in the layers; add it to ALLOWED in scripts/check-layers.py"
            continue
        for table, key, specification in dependencies(manifest):
            used = target_folder(root, folder, key, specification, shared, by_name)
            # A crate's tests may name the crate itself, to turn on its features.
            if used is None or used == folder:
                continue
            if pattern_of(used) is not None and not may_use(folder, used):
                yield f"{folder} -> {used} ({table} {key} in {folder}/Cargo.toml): this arrow runs back; see docs/architecture.md"


def workspace_of(root, members, shared=""):
    """Writes a workspace: `members` maps folders to the dependency part of their manifests."""
    listed = ", ".join(f'"{folder}"' for folder in members)
    (root / "Cargo.toml").write_text(f"[workspace]\nmembers = [{listed}]\n[workspace.dependencies]\n{shared}\n")
    for folder, rest in members.items():
        (root / folder).mkdir(parents=True)
        name = folder.replace("/", "-")
        (root / folder / "Cargo.toml").write_text(f'[package]\nname = "{name}"\nversion = "0.1.0"\n{rest}\n')


CASES = [
    ("arrows that run forward", {
        "primitives/types": '[dependencies]\nserde = "1"',
        "primitives/yuma": '[dependencies]\nprimitives-types = { path = "../types" }',
        "pallets/support": "[dependencies]\nprimitives-types.workspace = true",
        "pallets/root": "[dependencies]\npallets-support.workspace = true\n[dev-dependencies]\npallets-root = { path = '.' }",
        "runtime": "[dependencies]\npallets-root.workspace = true",
        "tests": "[dev-dependencies]\nruntime = { path = '../runtime' }",
    }, []),
    ("a dev-dependency between pallets", {
        "pallets/root": "", "pallets/staking": "[dev-dependencies]\npallets-root.workspace = true",
    }, ["pallets/staking -> pallets/root"]),
    ("a build-dependency of one target", {
        "runtime": "", "primitives/types": "[target.'cfg(unix)'.build-dependencies]\nruntime = { path = '../../runtime' }",
    }, ["primitives/types -> runtime"]),
    ("a renamed dependency", {
        "node": "", "crates/chain": "[dependencies]\nsomething = { package = 'node', version = '0.1' }",
    }, ["crates/chain -> node"]),
    ("a renamed dependency of the workspace", {
        "pallets/root": "", "pallets/rewards": "[dependencies]\nrenamed.workspace = true",
    }, ["pallets/rewards -> pallets/root"]),
    ("support on a pallet", {
        "pallets/root": "", "pallets/support": "[dependencies]\npallets-root = { path = '../root' }",
    }, ["pallets/support -> pallets/root"]),
    ("something that uses the tests", {
        "tests": "", "cli": "[dependencies]\ntests = { path = '../tests' }",
    }, ["cli -> tests"]),
    ("a member without a place", {"extras/thing": ""}, ["extras/thing: no place"]),
    ("no members at all", {}, ["no workspace members found"]),
]

SHARED = """
primitives-types = { path = "primitives/types" }
pallets-support = { path = "pallets/support" }
pallets-root = { path = "pallets/root" }
renamed = { package = "pallets-root", path = "pallets/root" }
"""


def self_test():
    failed = 0
    for name, members, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            workspace_of(Path(folder), members, SHARED)
            found = list(violations(folder))
        if len(found) != len(expected) or any(part not in line for part, line in zip(expected, found)):
            print(f"self-test: {name}: expected {expected}, found {found}", file=sys.stderr)
            failed += 1
    print(f"self-test: {len(CASES) - failed} of {len(CASES)} cases pass")
    return 1 if failed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    try:
        found = list(violations(root))
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        print(f"{root}: cannot read the workspace's manifests: {error!r}", file=sys.stderr)
        return 2
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
