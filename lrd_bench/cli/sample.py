"""`lrd-bench sample`."""

from typing import Annotated

import typer

from lrd_bench.cli.app import Device, Quiet, Seed, command, speaker


@command("sample")
def sample(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A model's folder, arpa:FILE, or python:package.module:factory.")
    ],
    sentences: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    prefix: Annotated[str, typer.Option(help="The words that each begins with.", show_default="none")] = "",
    temperature: Annotated[
        float, typer.Option(help="Below 1, likely words are drawn more often than the model says; above 1, less.")
    ] = 1.0,
    seed: Seed = 0,
    max_words: Annotated[int, typer.Option(min=1, help="Cut a sentence that has so many and does not end.")] = 100,
    device: Device = "auto",
    quiet: Quiet = False,
) -> None:
    """Draw sentences from a language model.

    Prints one tokenised sentence a line; an empty line is a sentence that ended before its first word. The first
    sentences are the same however many there are.

    \b
    Example: lrd-bench sample runs/lstm-7
             lrd-bench sample runs/lstm-7 --prefix "the keys to" --sentences 100 --temperature 0.5
    """
    say = speaker(quiet)
    from lrd_bench.corpus import words_of
    from lrd_bench.models.opening import open_model
    from lrd_bench.models.sampling import sample_sentences, word_distribution
    from lrd_bench.vocabulary import UNK

    distribution = word_distribution(model, open_model(model, device).model)
    beginning = words_of(prefix)
    sampled = sample_sentences(
        distribution, sentences=sentences, prefix=beginning, temperature=temperature, seed=seed, max_words=max_words
    )
    for sentence in sampled:
        print(*sentence.words)
    if unknown := dict.fromkeys(word for word in beginning if word not in distribution.vocabulary and word != UNK):
        say(f"--prefix: the model's vocabulary lacks {', '.join(map(repr, unknown))}, read as {UNK}")
    if cut := sum(not sentence.ended for sentence in sampled):
        say(f"cut after {max_words} words: {cut} of {sentences} sentences; --max-words N lets them go on")
