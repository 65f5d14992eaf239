"""What the tuning benchmark trains is the recipe with the settings that were asked for."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch

from lrd_bench.models import load_model

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def tune(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("tune")


def test_a_trial_is_of_its_settings_in_whichever_table_they_stand(tune: Any, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("a b a b\n" * 60)
    (tmp_path / "gru.toml").write_text('family = "recurrent"\n[model]\ncell = "gru"\nhidden = 4\n')
    changes = {"tied": True, "hidden": 6, "max_epochs": 1, "learning_rate": 0.01}
    threads = torch.get_num_threads()
    perplexity = tune.validation_perplexity(str(tmp_path / "gru.toml"), changes, tmp_path / "text.txt", None)
    assert torch.get_num_threads() == threads
    assert 1 < perplexity < 10
    trained = load_model(str(tmp_path / "gru-True-6-1-0.01-0"))
    assert trained.output.weight.shape[1] == 6
    assert trained.output.weight is trained.encoder.embedding.weight
