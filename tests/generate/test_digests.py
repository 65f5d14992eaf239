"""The items of the shipped suites, pinned: scores can be compared only as long as the items stay the same.

Whoever changes them on purpose raises the suite's version, says so in CHANGELOG.md, and prints the table anew:

    python tests/generate/test_digests.py
"""

import tempfile
from pathlib import Path

import pytest

from lrd_bench.catalogue import find, names
from lrd_bench.generate import generate_suite
from lrd_bench.settings import read_toml

DIGESTS = {
    "agreement-complement@1": "f8bdfecc95649a12f93d76043506f04bc5139638eaf29143ebfe8c778c87db30",
    "agreement-coordination@1": "66d089d27fb55b441099e563fe4b97b4e0e33c90b9fb1d975593bdebe97b4238",
    "agreement-determiner@1": "6244a0d963a17f97666b8dc54147240ac797e1480769184045545af8e0b3d275",
    "agreement-embedding@2": "c578bace5be83e22f873e93e377c2d32722a639f1c66b29e9cd9e66392bdf8da",
    "agreement-existential@1": "181377865cd99a2624a95008760f43dbb646a7bd26b262a42bfd72e8d2f32b59",
    "agreement-fillers@1": "6d9c882128abb62b69eabc4610fa792103de3f989562aa9a203df184a299a39a",
    "agreement-german@1": "b1434ccc7e7c483a572c847f08122f00f65398e14b00451dc6383baca13befd6",
    "agreement-lure@1": "36946e3b28677519b529187bf906f25ba47dbbd47c76a231b39c48f1041e73a8",
    "agreement-object-relative@1": "336acd68c0b64f68350bc3dc9b0fd0a93f2824cb39cb1ef485cafdd2f83120c0",
    "agreement-padding@1": "38a773fea81365c3ca0b7c18224c1d06e4d42b4e2969fa695e470bf2b90f90ff",
    "agreement-parenthetical@1": "b862c3851a2e6d56d795310b5a847620d3775de60e9f099fd3f7c10520e85d95",
    "agreement-pp@2": "006df3a7f7d6e9c032ff444f3e7dc1a079371bbabcea6ee0d7b8f7e9904d6f60",
    "agreement-reflexive@1": "a58b798b8d7931cd263540e44ff8f79922baa449e7ace2b22f5ca94dd51c2928",
    "agreement-simple@1": "fd4dba84eb0ec8a49e02979854a9139679821e0b703758a36ec8ef64fa222e10",
    "agreement-subject-relative@1": "15e695bc6becf872384221a2b80b42c10f00bc516733f42815dfcde4c949be54",
    "event-reason@1": "cdde384ca72eb7296824fc2d6b615fe3361d7a313e308bde6a1773f08500a5be",
    "event-sentence-before@1": "54c8f2a3522fb3f2f834c67b5497e410e56382d10ff15bd0a671176ac45f5a9b",
    "selection-instrument@1": "2ac7fd0471760a32af4a0dcab0f26a3e42561c9befbf01c3719a34f2ab78adb2",
    "selection-object-verb@1": "16a7541d919a8d2529cce09802505a7be93b8ac61367bdd281e0a57012fe38dd",
    "selection-verb-object@1": "a4d2a356da2dad064ec9d328452431b28458e922fb4250775b6bbb6fd74f0a1c",
}
"""Suite and version → the digest of the items of seed 0, in the default number."""


def made(name: str, folder: Path) -> tuple[str, str]:
    """A suite with its version, and the digest of its items."""
    suite = generate_suite(name, out=folder / f"{name}.jsonl")
    return f"{suite.name}@{suite.version}", suite.digest


@pytest.mark.parametrize("name", names("suite"))
def test_the_items_of_a_shipped_suite_are_those_of_its_version(name, tmp_path):
    suite, digest = made(name, tmp_path)
    assert suite in DIGESTS, f"{suite} is new: add its line, which `python {Path(__file__).name}` prints"
    assert digest == DIGESTS[suite], (
        f"{suite}: items changed: bump the suite's version and say so under 'Scores change' in CHANGELOG.md"
    )


def test_every_pinned_digest_is_of_a_shipped_suite_at_its_present_version():
    present = {f"{name}@{read_toml(find('suite', name))['version']}" for name in names("suite")}
    assert DIGESTS.keys() == present


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name in names("suite"):
            suite, digest = made(name, Path(folder))
            print(f'    "{suite}": "{digest}",')
