"""`convert_model`: an n-gram model as a file that other tools read."""

from pathlib import Path

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.files import file_digest
from lrd_bench.models.ngram import NgramModel, write_arpa
from lrd_bench.models.opening import open_model

FORMATS = ("arpa",)


def convert_model(model: str, to: str, *, out: Path, force: bool = False) -> NgramModel:
    """Write a model in another format, and return it as it was read.

    model:  the folder of an n-gram model, or `arpa:FILE`
    to:     `arpa`: a text file, packed if `out` ends in .gz
    force:  replace another file

    A file already there that says the same is left as it is. Raises LrdBenchError for an unknown format, a model that
    is no n-gram model of ours or has no such form, and another file where this one is to be.
    """
    if to not in FORMATS:
        raise LrdBenchError(f"--to: {unknown('format', to, FORMATS)}")
    opened = open_model(model).model
    if not isinstance(opened, NgramModel):
        raise LrdBenchError(f"{model}: is no n-gram model of ours, and others have no ARPA form.")
    if not out.exists() or force:
        write_arpa(opened, out)
        return opened
    again = out.with_name(f".again.{out.name}")
    try:
        write_arpa(opened, again)
        if file_digest(again) != file_digest(out):
            raise LrdBenchError(
                f"{out}: exists and is another file. Name another place with --out, or replace it with --force."
            )
    finally:
        again.unlink(missing_ok=True)
    return opened
