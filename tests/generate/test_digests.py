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
    "agreement-complement@2": "a3de2f048230c674b0e7531aaf13d52165c4d674b7fab8897a097de19757dff8",
    "agreement-coordination@2": "02ceda75b70301c1f69da7eb684e68ef108837727928f3be9a990c93925d9d35",
    "agreement-determiner@2": "e24e9702d2ad17ead416dcf73fd6d857f97450659ebb18d703316ed05bc24b28",
    "agreement-embedding@3": "4bf0f179a9e34dbe4b2e2f6f0136e3552629aeca7e598ad1d2a445cd7fbcb4e6",
    "agreement-existential@2": "f885fe0d370d73439c760519ee122bfb7f115740db7bc070df7c44d3e350bb8f",
    "agreement-fillers@2": "5fe4fc8be780b0ccc857a6414d5bf1a4bae5f6de067f0b6ff6e2b286d3b2d590",
    "agreement-german@1": "b1434ccc7e7c483a572c847f08122f00f65398e14b00451dc6383baca13befd6",
    "agreement-lure@2": "67efb158b2ca58c9efa7a8942ab58808c29cd66d7531b140947626fbdacb926e",
    "agreement-object-relative@2": "02188f12211675d15d70540eb0e83edc585f51ce3d54ee72011cb8356c6be5f9",
    "agreement-padding@2": "0e30e96648e5371d751f5b499668cccca7486568672793bc3409a7818ef16f2d",
    "agreement-parenthetical@2": "8a57304299bfab7dcc4b37d6f1f0a1578dcd9107641b0f2470a65fb1b69a0d4d",
    "agreement-pp@3": "e6ebe386ea88fb3b84089e976c40cb96d89f0ac7534751e0a8bef6e9ea83b128",
    "agreement-reflexive@2": "aabd0290597540d47aebe0aa06b85e05f53e75d32d27091356ee03c3456d9eff",
    "agreement-simple@2": "7e75eaded7ba8113a5434bad21e3b49b7f2b0a0b5295ef8317782894e6a0b5f7",
    "agreement-subject-relative@2": "5707dd998591eb0bedd4b27fc662c981609cbad8021d6d754a5fa8e08ec380fa",
    "event-reason@2": "c5d982c65b31c756094537e7665e77cd0167518ece2bfb57366da79a5406993b",
    "event-sentence-before@2": "f2ae47c78514d7041c7eca26256cfa25f7995d20f7faaa54aaf1496536d34c9f",
    "selection-instrument@2": "075b1b35ebe92aa5521c7eba617cb8597a9d6ee22ae7f25598d251b3e21673ce",
    "selection-object-verb@2": "b367b04cd0c4e0da1134463166770a5cf2fd0798d98dc9b248530ddbdcdbfd62",
    "selection-verb-object@2": "a3ac34338443806d187be4eb3bc847b85c15bfec53fd46d2066dc5d0a09203df",
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
