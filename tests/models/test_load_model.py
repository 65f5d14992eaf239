"""`load_model`, with which a notebook begins."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from networks import make_network

from lrd_bench.errors import LrdBenchError
from lrd_bench.models import load_model
from lrd_bench.models.folder import Origin, write_model
from lrd_bench.models.recipes import RecurrentRecipe, RecurrentSettings
from lrd_bench.vocabulary import build_vocabulary

SENTENCES = [["the", "keys", "are", "lost"], ["the", "key", "is"]]
ARPA = """\\data\\
ngram 1=4

\\1-grams:
-1 <unk>
-99 <s>
-0.5 </s>
-0.25 keys

\\end\\
"""


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_network_is_loaded_from_its_folder_with_all_that_can_be_asked_of_it(as_given: type, tmp_path: Path) -> None:
    settings = RecurrentSettings(cell="lstm", hidden=8, layers=2)
    network = make_network(settings, build_vocabulary(SENTENCES))
    origin = Origin(
        name="small",
        seed=0,
        version="0",
        made_from="f00d",
        model_digest="cafe",
        corpus={},
        device="cpu",
        packages={},
        elapsed_s=0.1,
    )
    recipe = RecurrentRecipe(family="recurrent", model=settings)
    write_model(tmp_path, recipe=recipe, model=network, metrics={}, log=[], origin=origin)

    model = load_model(as_given(tmp_path), device="cpu")

    assert model.logprobs(SENTENCES) == network.logprobs(SENTENCES)
    assert np.array_equal(model.next_word(SENTENCES), network.next_word(SENTENCES))
    for layers, expected in zip(model.states(SENTENCES), network.states(SENTENCES), strict=True):
        assert all(map(np.array_equal, layers, expected))


def test_another_tool_s_model_is_loaded_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "small.arpa").write_text(ARPA)
    assert load_model(f"arpa:{tmp_path}/small.arpa").logprobs([["keys"]])[0] == pytest.approx([-0.25 * np.log(10)])


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LrdBenchError, match=r"is not a model folder: it has no manifest\.json"):
        load_model(tmp_path)


def test_it_is_there_before_anything_slow_is_loaded() -> None:
    code = "import sys; from lrd_bench.models import load_model; print({'torch', 'numpy', 'numba'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
