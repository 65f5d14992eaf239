"""`run`: text, vocabulary, stimuli, models, outcomes and report in one go, repeating only what its inputs ask for."""

from lrd_bench.experiment.steps import run_experiment

__all__ = ["run_experiment"]
