from pathlib import Path

import pytest

from lrd_bench import catalogue
from lrd_bench.errors import LrdBenchError
from lrd_bench.models.recipes import NeuralRecipe, RecurrentRecipe, read_recipe
from lrd_bench.models.train_settings import TrainSettings

LSTM = """
family = "recurrent"

[model]
cell = "lstm"
hidden = 16

[train]
learning_rate = 0.003
"""


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def complaint(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(LrdBenchError) as caught:
        read_recipe(str(path))
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


@pytest.mark.parametrize("name", catalogue.names("model"))
def test_every_shipped_recipe_is_read(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.model_dump(mode="json")["family"] == recipe.family


def test_the_promised_recipes_are_shipped() -> None:
    promised = "elman feedforward-5 gru ideal-observer lstm lstm-5 ngram-3 ngram-5 uniform unigram"
    assert set(promised.split()) <= set(catalogue.names("model"))


def test_what_a_recipe_leaves_out_has_a_default(recipe_file: Path) -> None:
    recipe_file.write_text(LSTM)
    recipe = read_recipe(str(recipe_file))
    assert isinstance(recipe, RecurrentRecipe)
    assert (recipe.model.hidden, recipe.model.layers) == (16, 1)
    assert recipe.train == TrainSettings(learning_rate=0.003)


def test_clipping_can_be_switched_off(recipe_file: Path) -> None:
    recipe_file.write_text(LSTM + 'clip_norm = "off"')
    recipe = read_recipe(str(recipe_file))
    assert isinstance(recipe, NeuralRecipe)
    assert recipe.train.clip_norm is None


def test_a_name_that_is_nearly_a_shipped_one_is_guessed() -> None:
    with pytest.raises(LrdBenchError, match=r"unknown model 'ltsm'. Did you mean 'lstm'\?"):
        read_recipe("ltsm")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            LSTM.replace("learning_rate", "lerning_rate"),
            "unknown setting 'lerning_rate' in [train]. Did you mean 'learning_rate'?",
        ),
        (LSTM.replace("0.003", '"fast"'), "setting 'learning_rate' in [train]: input should be a valid number"),
        (LSTM.replace("16", '"16"'), "setting 'hidden' in [model]: input should be a valid integer"),
        (LSTM.replace("16", "true"), "setting 'hidden' in [model]: input should be a valid integer"),
        (LSTM.replace("16", "0"), "setting 'hidden' in [model]: input should be greater than 0"),
        (
            LSTM.replace('"lstm"', '"lsmt"'),
            "setting 'cell' in [model]: input should be 'elman', 'elman-relu', 'gru', 'lstm' or",
        ),
        (LSTM.replace('cell = "lstm"', ""), "setting 'cell' is missing in [model]. Add it."),
        (LSTM.replace("recurrent", "recurent"), "unknown family 'recurent'. Did you mean 'recurrent'?"),
        (LSTM.replace('family = "recurrent"', ""), "setting 'family' is missing. Add it: one of bidirectional,"),
        ('family = "ngram"\n[train]\nmax_epochs = 3', "unknown setting 'train'. Known: family, model."),
        ('family = "recurrent"\n[model', "is not valid TOML ("),
    ],
)
def test_a_wrong_recipe_is_refused_with_what_to_do(recipe_file: Path, text: str, message: str) -> None:
    assert f": {message}" in complaint(recipe_file, text)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("prune = [1]", "the first number is 0"),
        ('smoothing = "witten-bell"\nk = 0.5', r"`k` is of add-k alone, and smoothing is witten-bell in \[model\]\.$"),
        ('smoothing = "add-k"\nk = inf', "'k'.*finite number"),
        ('smoothing = "add-k"\nk = 1e-300', "'k'.*greater than or equal to 0.0000"),
        ("order = 0", "'order'.*greater than or equal to 1"),
        ("order = 99", "'order'.*less than or equal to 8"),
    ],
)
def test_settings_of_ngrams_that_cannot_be_are_refused(recipe_file: Path, settings: str, message: str) -> None:
    recipe_file.write_text(f'family = "ngram"\n[model]\n{settings}\n')
    with pytest.raises(LrdBenchError, match=message):
        read_recipe(str(recipe_file))
