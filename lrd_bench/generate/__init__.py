"""What is asked and what is taught: suites of twins, and training text, both written from grammars."""

from lrd_bench.generate.suites import MadeSuite, generate_suite
from lrd_bench.generate.text import generate_text

__all__ = ["MadeSuite", "generate_suite", "generate_text"]
