import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lrd_bench.train import train_model
from lrd_bench.train.subnormals import SUBNORMAL, subnormals_as_zero

IN_ANOTHER_PROCESS = """
import sys
import torch
from lrd_bench.train.subnormals import subnormals_as_zero

torch.set_num_threads(2)
if "after other work" in sys.argv:
    torch.ones(2**20).mul(2)
with subnormals_as_zero() as made:
    print(made)
"""


@pytest.fixture
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def smallest() -> float:
    return float(torch.tensor([SUBNORMAL], dtype=torch.int32).view(torch.float32).mul(1))


def made_here() -> str:
    """As torch says whether the processor can."""
    can = torch.set_flush_denormal(True)
    torch.set_flush_denormal(False)
    return "zero" if can else "kept"


@pytest.mark.usefixtures("one_thread")
def test_a_subnormal_number_is_nothing_inside_the_block_alone():
    here = made_here()
    assert 0 < smallest() < torch.finfo(torch.float32).tiny
    with subnormals_as_zero() as made:
        assert made == here
        assert made == ("kept" if smallest() else "zero")
        with subnormals_as_zero():
            pass
        assert made == ("kept" if smallest() else "zero")
    assert smallest() > 0


@pytest.mark.usefixtures("one_thread")
def test_a_processor_that_cannot_keeps_them(monkeypatch):
    monkeypatch.setattr(torch, "set_flush_denormal", lambda on: False)
    with subnormals_as_zero() as made:
        assert made == "kept"


@pytest.mark.parametrize(("when", "made"), [("at first", "zero"), ("after other work", "in part")])
def test_threads_that_were_there_before_keep_them(when: str, made: str) -> None:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, when]
    said = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    assert said == (made if made_here() == "zero" else "kept")


def train(folder: Path) -> Path:
    (folder / "lstm.toml").write_text('family = "recurrent"\n[model]\ncell = "lstm"\nhidden = 8\n')
    (folder / "text.txt").write_text("a b a b\nb a a b b\n" * 40)
    return train_model(str(folder / "lstm.toml"), folder / "text.txt", out=folder / "model", threads=1)


def test_a_network_that_has_none_is_the_same_and_its_manifest_says_what_was_made_of_them(tmp_path, monkeypatch):
    expected, models = [made_here(), "kept"], []
    for name in ("here", "on another processor"):
        (tmp_path / name).mkdir()
        models.append(train(tmp_path / name))
        monkeypatch.setattr(torch, "set_flush_denormal", lambda on: False)
    here, elsewhere = ((model / "model.safetensors").read_bytes() for model in models)
    assert here == elsewhere
    said = [json.loads((model / "manifest.json").read_text()) for model in models]
    assert [manifest["subnormals"] for manifest in said] == expected
    assert {(manifest["threads"], manifest["processes"]) for manifest in said} == {(1, 1)}
