from lrd_bench import __version__
from lrd_bench.signature import metric_of, run_signature, short, with_seeds

LSTM = {
    "suite": "agreement-pp@1",
    "suite_digest": "9c41a07e" + "0" * 56,
    "model": "lstm",
    "model_digest": "77ab03d2" + "f" * 56,
    "method": "lm",
}
LSTM_RUN = run_signature(**LSTM)


def test_a_run_is_named_by_suite_model_method_and_settings():
    expected = (
        f"suite:agreement-pp@1#9c41a07e|model:lstm#77ab03d2|method:lm|ties:half@1e-4|oov:pair|eos:no|v:{__version__}"
    )
    assert expected == LSTM_RUN


def test_a_metric_is_named_where_it_is_not_the_sum():
    about = {"suite": "a@1", "suite_digest": "0" * 64, "model": "b", "model_digest": "1" * 64, "method": "pll"}
    mean = run_signature(**about, metric="mean")
    assert (
        mean
        == f"suite:a@1#00000000|model:b#11111111|method:pll|metric:mean|ties:half@1e-4|oov:pair|eos:no|v:{__version__}"
    )
    assert run_signature(**about, metric="sum") == run_signature(**about) == mean.replace("|metric:mean", "")
    assert (metric_of(mean), metric_of(with_seeds(mean, 3)), metric_of(LSTM_RUN)) == ("mean", "mean", "sum")


def test_the_number_of_seeds_stands_after_the_model():
    assert with_seeds(LSTM_RUN, 3) == LSTM_RUN.replace("#77ab03d2|", "#77ab03d2|seeds:3|")


def test_a_digest_is_shortened_to_eight_digits():
    assert short("0123456789abcdef") == "01234567"


def test_what_else_must_be_known_of_a_model_s_scores_stands_before_the_version():
    run = run_signature(**LSTM, conventions="hf:bos,space")
    assert run == LSTM_RUN.replace("|eos:no|", "|eos:no|hf:bos,space|")
