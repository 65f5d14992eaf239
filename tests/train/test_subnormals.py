import json
from pathlib import Path

import torch

from lrd_bench.train import train_model
from lrd_bench.train.subnormals import SUBNORMAL, subnormals_as_zero


def smallest() -> float:
    return float(torch.tensor([SUBNORMAL]).mul(1))


def made_here() -> str:
    """As torch says whether the processor can."""
    can = torch.set_flush_denormal(True)
    torch.set_flush_denormal(False)
    return "zero" if can else "kept"


def test_a_subnormal_number_is_nothing_inside_the_block_alone():
    here = made_here()
    assert smallest() > 0
    with subnormals_as_zero() as made:
        assert made == here
        assert made == ("kept" if smallest() else "zero")
        with subnormals_as_zero():
            pass
        assert made == ("kept" if smallest() else "zero")
    assert smallest() > 0


def test_a_processor_that_cannot_keeps_them(monkeypatch):
    monkeypatch.setattr(torch, "set_flush_denormal", lambda on: False)
    with subnormals_as_zero() as made:
        assert made == "kept"


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
    said = [json.loads((model / "manifest.json").read_text())["subnormals"] for model in models]
    assert said == expected
