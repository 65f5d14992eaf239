"""From a recipe and a text to a model folder."""

from lrd_bench.train.training import train_model

__all__ = ["train_model"]
