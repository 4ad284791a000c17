"""Haishin: a host for live streams."""

import os

# OpenBLAS reads this once, when numpy is first imported, so it must stand before every other import of the host.
# The classifier's matrices are small: a second thread makes a check slower, and much slower on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
