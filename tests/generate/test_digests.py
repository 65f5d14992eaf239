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
    "agreement-complement@2": "114aa1feb826b02473d268747386e4afd188e771f7c593af0974ca69e409f408",
    "agreement-coordination@2": "f405fd2cee1987cddf671f6608f8d41d84e8bed014c5b005e606ae515b123633",
    "agreement-determiner@2": "e24e9702d2ad17ead416dcf73fd6d857f97450659ebb18d703316ed05bc24b28",
    "agreement-embedding@3": "5980fb1bb707b3e45c87590b217e950fd3e67dc1e27f035c1346a1b6ec3b6f71",
    "agreement-existential@2": "48cacb45deaeb917eb2bb9c95839ebe9eed62ae4dc30238da3b7d02acf4e8cfb",
    "agreement-fillers@2": "19cebab08a573f214c10f4e2d20e558b5018d02c7f5537d9eb91f4995eb8f6ef",
    "agreement-german@1": "b1434ccc7e7c483a572c847f08122f00f65398e14b00451dc6383baca13befd6",
    "agreement-lure@2": "68b0af4f4f2898b90e85ffc573cb2a4895735545b2b5686e54d25c68fad3cc46",
    "agreement-object-relative@2": "b651866fb8c454c68520f10ca8a6313fb8984bfd7641268a979a74679c82bbb6",
    "agreement-padding@2": "8f9161b9e89045d027016cddd88b923a3723a41219bc659774fb6147e3a9d532",
    "agreement-parenthetical@2": "09c70d0e07e823dc59545fa6652a672d5e6afc49e64722666d01c55a923fdb19",
    "agreement-pp@3": "f1845a8391b247be3540719ea539d4f6c6c9abc2b3bec1528639a0ca853fb4b1",
    "agreement-reflexive@2": "4300103dca692974fd944d34f2aaa4dc3c808fb7fd44d04dc77d273b1ab5a15d",
    "agreement-simple@2": "999f4334633cf2ca5fc5aa079a3deafba1b215e97093eba9e4d0112ac747c295",
    "agreement-subject-relative@2": "377cfc28f1b8bc17f7f48d7ee25f8e29b64b54ec56880b3c666882e5c4c036bc",
    "event-reason@2": "ddcabc3d13097ab7b368251e1460ff10bb077475e6eb94354a32e6a6e8ba3b9a",
    "event-sentence-before@2": "f0c3662a276d7fa2e6285f0ef8461063fc420bd8ab239c29dc828fffd854f6d5",
    "selection-instrument@2": "a11ac59ed860d88f39439187ed4db24c4240b3f6fee5333207b800707a939a28",
    "selection-object-verb@2": "b409168357139dd4610cd57b37de3e77944917ce656fc2c0141b259338a72a4d",
    "selection-verb-object@2": "b91f3e17e684b543f6c763defcbe5a53ad05dd224806e4330dece1e5acb3affa",
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
