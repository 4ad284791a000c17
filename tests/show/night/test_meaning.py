"""The same thought in other words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.errors import TransientError
from bot.mind.embed import e5
from bot.mind.embedding.embedder import Floats
from bot.show.night.likeness import vector
from bot.show.night.meaning import BATCH, LEAST, Meanings
from bot.types import Health
from tests.support.night import BASE

#: The threshold of the settings.
SAME = 0.4
DAY = dt.timedelta(days=1)


class Letters:
    """An embedder by a text's first words: the thought is the number after "about"; the rest is noise."""

    dimensions = 64

    def __init__(self, name: str = "letters") -> None:
        self.name, self.asked, self.fails = name, 0, False

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        del query
        self.asked += len(texts)
        if self.fails:
            raise TransientError("no", provider="letters")
        return np.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Floats:
        thought = np.random.default_rng(int(text.split()[1])).normal(size=64)
        noise = np.random.default_rng(len(text)).normal(size=64)
        made = 3 + thought + 0.2 * noise
        return (made / np.linalg.norm(made)).astype(np.float32)

    async def check(self) -> Health:
        return Health(ok=True, detail="")


async def told(embedder: Letters | None, texts: int = 30) -> Meanings:
    meanings = Meanings(lambda: embedder)
    for number in range(texts):
        meanings.add(f"about {number} and so on", BASE)
    for _ in range(texts // BATCH + 1):
        await meanings.like("about 999", BASE)
    return meanings


async def test_the_same_thought_is_found_and_another_is_not() -> None:
    meanings = await told(Letters())
    near, text = await meanings.like("about 7 in wholly other words", BASE)
    assert near > SAME
    assert text.startswith("about 7 ")
    assert (await meanings.like("about 555 and so on", BASE))[0] < SAME


async def test_a_vector_is_made_once_and_a_batch_at_a_time() -> None:
    embedder = Letters()
    meanings = Meanings(lambda: embedder)
    for number in range(BATCH + 5):
        meanings.add(f"about {number}", BASE)
    await meanings.like("about 1", BASE)
    assert embedder.asked == BATCH + 1
    await meanings.like("about 1", BASE)
    await meanings.like("about 1", BASE)
    assert embedder.asked == BATCH + 5 + 3


async def test_what_was_told_long_ago_or_too_little_or_without_an_embedder_says_nothing() -> None:
    meanings = await told(Letters())
    assert await meanings.like("about 7", BASE + DAY) == (0.0, "")
    assert await (await told(Letters(), LEAST - 1)).like("about 7", BASE) == (0.0, "")
    assert await (await told(None)).like("about 7", BASE) == (0.0, "")


async def test_an_embedder_that_fails_or_is_exchanged_degrades_alone() -> None:
    embedder = Letters()
    meanings = await told(embedder)
    embedder.fails = True
    assert await meanings.like("about 7", BASE) == (0.0, "")
    embedder.fails, embedder.name = False, "another"
    for _ in range(3):
        await meanings.like("about 7", BASE)
    assert (await meanings.like("about 7", BASE))[0] > SAME


class Known:
    """The real embedder, which is asked once for each text."""

    name, dimensions = e5.NAME, e5.DIMENSIONS

    def __init__(self, model: e5.E5) -> None:
        self._model = model
        self._known: dict[str, Floats] = {}

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Floats:
        for text in texts:
            if text not in self._known:
                (self._known[text],) = await self._model.embed([text], query=query)
        return np.stack([self._known[text] for text in texts])

    async def check(self) -> Health:
        return await self._model.check()


@pytest.mark.model
@pytest.mark.parametrize(("language", "least"), [("en", 4), ("zh", 4)])
async def test_the_real_embedder_tells_the_same_thought_from_others(language: str, least: int) -> None:
    pairs = yaml.safe_load((Path(__file__).parent / "same_thought.yaml").read_text("utf-8"))[language]
    assert max(float(vector(one) @ vector(other)) for one, other in pairs) < 0.2  # words alone find none of them
    async with e5.connect(e5.Config()) as model:
        embedder = Known(model)
        caught = 0
        for said, anew in pairs:
            others = [text for pair in pairs if pair[0] != said for text in pair]
            without, with_it = Meanings(lambda: embedder), Meanings(lambda: embedder)
            for text in others:
                without.add(text, BASE)
                with_it.add(text, BASE)
            with_it.add(said, BASE)
            for _ in range(len(others) // BATCH + 1):
                near, found = await without.like(anew, BASE)
                same, _ = await with_it.like(anew, BASE)
            assert near < SAME, (anew, found)
            caught += same >= SAME
        print(f"{language}: {caught} of {len(pairs)} told anew in other words were found")
    assert caught >= least
