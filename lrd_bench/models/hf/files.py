"""Finding, checking and opening what transformers' `save_pretrained` leaves: a folder, or a name on a model hub.

No code that comes with a model is run, and nothing is unpickled: weights are read from safetensors alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from lrd_bench.errors import LrdBenchError
from lrd_bench.files import digest_of, file_digest
from lrd_bench.models.hf.model import HfModel
from lrd_bench.models.neural import find_device
from lrd_bench.progress import shown

WEIGHTS = "*.safetensors"
FILES = (
    WEIGHTS,
    "*.safetensors.index.json",
    "config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
)
"""What weights, configuration and tokeniser are in. All else, other formats of the same weights too, is left alone."""
LEFT_ALONE = ("*/*", "consolidated*")


def open_hf(name: str, device: str = "auto") -> tuple[str, HfModel]:
    """Open a causal language model of transformers.

    name:     a folder, or a name on the hub
    device:   auto, cpu or cuda
    returns:  the digest of its files, and the model

    Raises LrdBenchError where transformers is not installed, there is no such model, it has no weights in safetensors
    or not all of them, its tokeniser does not say where its pieces are or is another model's, or it is no causal
    language model.
    """
    spec = f"hf:{name}"
    if not name:
        raise LrdBenchError("hf: names no model. Write hf:FOLDER, or hf:NAME of one on a model hub.")
    where, transformers = find_device(device), _transformers()
    folder = Path(name) if Path(name).is_dir() else _fetch(spec, name)
    tokeniser, model = _load(transformers, spec, folder)
    return _digest(folder), HfModel(spec, tokeniser, model.to(where))


def _transformers() -> Any:
    """The module, which not everyone has."""
    try:
        return import_module("transformers")
    except ImportError as error:
        raise LrdBenchError(
            "hf:NAME needs the transformers module, which is not installed. Run `pip install 'lrd-bench[hf]'`."
        ) from error


def _fetch(spec: str, name: str) -> Path:
    """The folder where the hub's client keeps a model, after it has fetched what is missing."""
    hub = import_module("huggingface_hub")
    try:
        return Path(hub.snapshot_download(name, allow_patterns=FILES, ignore_patterns=LEFT_ALONE))
    except Exception as error:  # of the hub's client, of the library that it fetches with, and of the network
        raise LrdBenchError(
            f"{spec}: there is no such folder, and no model of that name could be fetched ({_first_line(error)}). "
            "Check the name."
        ) from error


def _load(transformers: Any, spec: str, folder: Path) -> tuple[Any, Any]:
    if not (folder / "config.json").is_file():
        raise LrdBenchError(f"{spec}: holds no config.json. Name a folder that `save_pretrained` has written.")
    if not list(folder.glob(WEIGHTS)):
        raise LrdBenchError(
            f"{spec}: holds no {WEIGHTS}, and weights in other formats are not read. Load the model with transformers "
            "where you trust it, and write it again with `save_pretrained`."
        )
    try:
        with _hushed(transformers.utils.logging):
            tokeniser = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            model, found = transformers.AutoModelForCausalLM.from_pretrained(
                folder, trust_remote_code=False, use_safetensors=True, dtype="float32", output_loading_info=True
            )
    except Exception as error:  # whatever the library makes of files that are damaged, or of another kind of model
        raise LrdBenchError(
            f"{spec}: transformers cannot open it as a causal language model ({_first_line(error)}). Name another, or "
            "save it again."
        ) from error
    if lacking := sorted([*found["missing_keys"], *(key for key, *_ in found["mismatched_keys"])]):
        raise LrdBenchError(
            f"{spec}: {len(lacking)} of its weights are missing or of another shape: {lacking[0]!r} … Name a whole "
            "causal language model."
        )
    if not getattr(tokeniser, "is_fast", False):
        raise LrdBenchError(
            f"{spec}: its tokeniser does not say where in a text its pieces are. Save it as a fast one, which does "
            "(tokenizer.json)."
        )
    known = model.config.get_text_config().vocab_size
    if max(set(tokeniser.get_vocab().values()) - set(tokeniser.all_special_ids), default=0) >= known:
        raise LrdBenchError(
            f"{spec}: its tokeniser has {len(tokeniser)} pieces, of which the model knows the first {known}. Put the "
            "model's own tokeniser beside it."
        )
    return tokeniser, model.eval()


@contextmanager
def _hushed(logging: Any) -> Iterator[None]:
    """Let the library say nothing, for what it warns of is checked here; and draw its bars where ours are drawn."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    if not shown():
        logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _digest(folder: Path) -> str:
    """Over all files that the scores depend on."""
    paths = {path.name: path for pattern in FILES for path in folder.glob(pattern) if path.is_file()}
    return digest_of({"hf": {name: file_digest(path) for name, path in sorted(paths.items())}})
