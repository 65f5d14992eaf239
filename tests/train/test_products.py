import json

import pytest
import torch

from lrd_bench.train import products, train_model
from lrd_bench.train.products import is_exact, quickest, quickest_products

SETTING = torch.backends.mkldnn.matmul
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def tried_anew():
    for trial in (quickest, is_exact):
        trial.cache_clear()
    yield
    for trial in (quickest, is_exact):
        trial.cache_clear()


def speeds(monkeypatch, **seconds: float):
    """Let products take so long, by library."""
    names = {"ieee": "default", "bf16": "onednn"}
    monkeypatch.setattr(products, "_seconds", lambda left, right: seconds[names[SETTING.fp32_precision]])


def test_the_quicker_library_is_taken_inside_the_block_alone(monkeypatch):
    before = SETTING.fp32_precision
    speeds(monkeypatch, default=2.0, onednn=1.0)
    monkeypatch.setattr(products, "MAX_ERROR", 1.0)  # whatever this machine's is
    with quickest_products(CPU) as name:
        assert (name, SETTING.fp32_precision) == ("onednn", "bf16")
    assert SETTING.fp32_precision == before


def test_chance_does_not_decide_between_libraries_that_are_alike(monkeypatch):
    speeds(monkeypatch, default=1.1, onednn=1.0)
    monkeypatch.setattr(products, "MAX_ERROR", 1.0)
    assert quickest() == "default"


def test_a_library_that_rounds_is_not_taken_however_quick(monkeypatch):
    speeds(monkeypatch, default=2.0, onednn=1.0)
    monkeypatch.setattr(products, "MAX_ERROR", 1e-9)  # which no product of 32 bits meets
    assert quickest() == "default"


def test_the_library_of_a_training_that_goes_on_is_kept_whichever_is_quicker(monkeypatch):
    speeds(monkeypatch, default=2.0, onednn=1.0)
    monkeypatch.setattr(products, "MAX_ERROR", 1.0)
    with quickest_products(CPU, "default") as name:
        assert (name, SETTING.fp32_precision) == ("default", "ieee")


def test_a_gpu_has_nothing_to_be_tried(monkeypatch):
    monkeypatch.setattr(products, "_seconds", None)
    with quickest_products(torch.device("cuda")) as name:
        assert name == "default"


def test_products_here_are_as_exact_as_float32_whichever_is_taken():
    left, right = torch.randn(64, 300), torch.randn(300, 500)
    exact = left.double() @ right.double()
    with quickest_products(CPU):
        assert float((left @ right - exact).abs().max() / exact.abs().max()) < products.MAX_ERROR


@pytest.mark.parametrize(("times", "said"), [(3.94, True), (1.02, False), (0.4, False)])
def test_products_of_16_bits_that_are_slow_here_are_warned_of(monkeypatch, tmp_path, capsys, times, said):
    monkeypatch.setattr("lrd_bench.train.training.slowness_of_bfloat16", lambda: times)
    (tmp_path / "gru.toml").write_text(
        'family = "recurrent"\n[model]\ncell = "gru"\nhidden = 4\n[train]\nmax_epochs = 1\nprecision = "bfloat16"\n'
    )
    (tmp_path / "text.txt").write_text("a b a b\n" * 40)
    folder = train_model(str(tmp_path / "gru.toml"), tmp_path / "text.txt", out=tmp_path / "gru")
    assert ("makes matrix products slower on this processor" in capsys.readouterr().err) == said
    assert json.loads((folder / "manifest.json").read_text())["products"] in ("default", "onednn")
