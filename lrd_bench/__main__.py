"""`python -m lrd_bench`."""

from lrd_bench.cli import main

main()
