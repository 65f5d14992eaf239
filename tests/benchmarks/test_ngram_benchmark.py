"""What the n-gram benchmark measures ours against must be a model, and the same one."""

import importlib
import math
import random
from pathlib import Path
from typing import Any

import pytest

from lrd_bench.models.ngram import NgramModel
from lrd_bench.models.recipes import NgramSettings

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("ngram_peers")


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("sentences", [1, 3, 400])
def test_the_dict_version_is_the_same_model(peers: Any, tmp_path: Path, order: int, sentences: int) -> None:
    rng, path = random.Random(order), tmp_path / "text.txt"
    lines = [" ".join(rng.choices("abcdeéfg", k=rng.randint(0, 9))) for _ in range(sentences - 1)]
    path.write_text("\n".join(["a b a c", *lines, ""]), encoding="utf-8")
    ours = NgramModel.from_text(path, NgramSettings(order=order, lmplz_quirks=False))
    theirs = peers.DictModel.from_text(path, order)
    assert peers.compare(ours, theirs) < 1e-5
    for sentence in (["a", "b"], ["é", "unseen", "a", "b", "a", "c", "a"], []):
        expected = [score / math.log(10) for score in ours.logprobs([sentence], end=True)[0]]
        assert theirs.log10_probs(sentence) == pytest.approx(expected, abs=1e-5)
