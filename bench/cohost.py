"""The whole loop of a host beside a streamer, by ear: recorded speech in, the host's voice out, and spoken over.

    python -m bench.cohost --turns 12 --upstreams fixed

Method: a sound server of its own (PulseAudio, null sinks) has a microphone and a loudspeaker. Real recorded sentences
are played into the microphone over the noise of a room (60 dB below full); the real host (``python -m bot run``,
ears on, Whisper base, every remark answered) hears them; its real stage page in Chromium plays into the loudspeaker.
Both are recorded, on one clock, within about 20 ms. ``--upstreams builtin``: the built-in model and voice.
``fixed``: `bench.support.upstreams` with its declared delays, which says the built-in voice's sound of one reply, made
beforehand. Every second answer is spoken over 1.2 to 4.6 seconds after its begin, by the next sentence; into the
others a cough, a murmur, a key or the like is played. The first turn warms up and does not count.

Times are in ms. ``end_to_*``: from the end of a sentence, as it is found in the microphone's recording, to the words
being final (``commit``), to the announcement of the answer's first clause to the pages, in the same tick as its first
frame (``first_audio``; the persona's "hm" is none), to any sound in the loudspeaker's recording (``first_sound``).
``over_upstreams``: commit to first audio, less the time in which a fixed upstream was at work. ``ducked``: from the
first sound of a sentence over the host to a loudspeaker 10 dB lower than what was sent to it (where the host pauses
just then it is not counted), ``silent`` to its last sound. Words: a barged-in answer's words as the ledger has them
against what Whisper hears in the recording, both laid along the planned words; ``words_apart`` is the difference.

Ears off: a sentence with a secret word is said while they are off and searched for in all files of the data folder;
then it is said again with open ears and must be found there.

Prints one JSON object. Needs pulseaudio, pulseaudio-utils, libportaudio2, libasound2-plugins, Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import soxr
from faster_whisper import WhisperModel

from bench.support import heard, recordings
from bench.support.heard import RATE, Found, Sound, Tape, taped
from bench.support.heard_stage import HeardStage, heard_stage
from bench.support.host import Host, host, quantiles
from bench.support.upstreams import RATE as VOICE_RATE
from bench.support.upstreams import Upstreams, serve
from bot.weights import catalog
from tests.support.error_rate import error_rate
from tests.support.spoken import spoken, write_wav
from tests.support.virtual_mic import MISSING, VirtualMic, virtual_mic

CONFIG: dict[str, Any] = {
    "persona": "mira",
    # Headphones: the virtual loudspeaker does not leak. The captions tell when the words are final.
    "hearing": {"enabled": True, "captions": True, "input": {"kind": "microphone", "echo": "off"}},
    "cohost": {"answer": "always", "talkativeness": 1.0},
    "show": {"idle_after_s": 0, "greeting": False},
    "log": {"level": "DEBUG"},
}
SECRET = "swordfish"  # noqa: S105 - a word to search for
#: Seconds of an answer before it is spoken over, and before a noise.
OVER_S, NOISE_S = (1.2, 2.1, 4.0, 1.7, 2.7, 4.6), 2.0
#: An answer must have begun so many seconds after the sentence, and be over so long after that.
ANSWER_S, OVER_BY_S = 20.0, 45.0
#: The loudspeaker is ducked below this part of what was sent (-10 dB; the setting is -14), and back above the other.
DOWN, UP = 0.32, 0.7
#: So long after the ears are open the host's start is over, in seconds.
SETTLED_S = 20.0
#: Sound given to the microphone is heard so much later, in seconds.
LATE_S = 0.1
#: A pause of the voice of so many seconds hides when it was ducked.
BLIND_S = 0.06


def say(what: str) -> None:
    """Tell how far it is."""
    print(what, file=sys.stderr, flush=True)


def words(text: str) -> list[str]:
    """Return the words of a text to compare."""
    return re.findall(r"[a-z0-9']+", text.lower())


class Spoken(Upstreams):
    """The fixed upstreams with a real voice, whose sounds are made before they are asked for a second time."""

    def __init__(self) -> None:
        super().__init__()
        self.sounds: dict[str, array[int]] = {}

    async def sound_of(self, text: str) -> array[int]:
        """Return the built-in voice's sound of a text."""
        if text not in self.sounds:
            wave, rate = await spoken(text, before_s=0, after_s=0)
            wave = np.asarray(await asyncio.to_thread(soxr.resample, wave, rate, VOICE_RATE))
            self.sounds[text] = array("h", (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes())
        return self.sounds[text]


@dataclass(slots=True)
class Turn:
    """A sentence of the streamer, said over the answer of epoch ``over``; ``noise`` is played into its own answer."""

    name: str
    sound: Sound
    said_at: float
    over: int | None = None
    epoch: int | None = None
    noise: str = ""
    noise_at: float = 0.0
    until: float = 0.0


@dataclass(slots=True)
class Room:
    """Microphone, loudspeaker and stage, and what happened in them."""

    play: Callable[[Sound], None]
    stage: HeardStage
    voice: Tape
    speaker: Tape
    turns: list[Turn] = field(default_factory=list)

    async def say(self, sound: Sound) -> None:
        """Let the microphone hear a sound; return when it was spoken."""
        self.play(sound)
        await asyncio.sleep(sound.size / RATE + LATE_S)

    async def turn(self, name: str, sound: Sound, noise: tuple[str, Sound] | None) -> Turn:
        """Say a sentence and let it be answered: to the end with a noise in it, else until the next one."""
        speaks = self.stage.state == "speaking"
        before = self._epoch()
        turn = Turn(name, sound, time.monotonic(), over=before if speaks else None)
        self.turns.append(turn)
        await self.say(sound)
        begun = await self.stage.wait(turn.said_at, lambda m: _announces(m) and m["epoch"] > before, ANSWER_S)
        if begun is None:
            say(f"  {name}: no answer")
        else:
            turn.epoch = begun[1]["epoch"]
            await asyncio.sleep(NOISE_S if noise else OVER_S[len(self.turns) // 2 % len(OVER_S)])
            if noise is not None:
                turn.noise, turn.noise_at = noise[0], time.monotonic()
                await self.say(noise[1])
                await self.stage.wait(begun[0], lambda m: m["type"] == "state" and m["state"] == "idle", OVER_BY_S)
                await asyncio.sleep(1.0)
        turn.until = time.monotonic()
        return turn

    def _epoch(self) -> int:
        return max((m["epoch"] for _, m in self.stage.events if m["type"] == "speak"), default=-1)


def _announces(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "speak" and message["rate"] > 0)


def noises(murmurs: dict[str, Sound]) -> list[tuple[str, Sound]]:
    """Return what is no interruption: murmurs of the built-in voice, a cough and keys (synthetic), a game's sound."""
    rng = np.random.default_rng(5)
    burst = rng.standard_normal(int(0.28 * RATE)).cumsum()
    burst -= np.convolve(burst, np.ones(160) / 160, "same")
    burst *= np.exp(-np.arange(burst.size) / (0.07 * RATE))
    cough = np.concatenate((burst, np.zeros(RATE // 10), 0.7 * burst))
    found = {"cough": cough, **murmurs, "keys": recordings.noises(4.0)["keys"][RATE : RATE * 8 // 5]}
    effects = recordings.noises(4.0).get("effects")
    if effects is not None:
        found["effect"] = effects[:RATE]
    return [(name, (one / np.abs(one).max() * 0.4).astype(np.float32)) for name, one in found.items()]


async def murmurs() -> dict[str, Sound]:
    """Return murmurs of the built-in voice."""
    found = {}
    for name, text in (("mm-hm", "Mm-hmm."), ("yeah", "Yeah."), ("right", "Right.")):
        wave, rate = await spoken(text, before_s=0, after_s=0)
        found[name] = recordings.trimmed(np.asarray(soxr.resample(wave, rate, RATE), np.float32))
    return found


async def open_ears(http: httpx.AsyncClient) -> None:
    """Wait until the ears are open and sound comes in."""
    async with asyncio.timeout(240):
        while True:
            ears = (await http.get("/api/ears")).json()
            if ears["listening"] and ears["input"] == "live" and not ears["trouble"]:
                return
            await asyncio.sleep(0.25)


async def busy_percent(h: Host, seconds: float = 8.0) -> float:
    """Return how much of a core the host and its children take while nobody speaks, in percent."""

    def spent() -> float:
        host_itself = psutil.Process(h.process.pid)
        times = [one.cpu_times() for one in (host_itself, *host_itself.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    before = spent()
    await asyncio.sleep(seconds)
    return round((spent() - before) / seconds * 100, 1)


def found_in(home: Path, word: str) -> list[str]:
    """Return the files of the data folder that hold a word, in any case."""
    return [
        file.name for file in sorted(home.rglob("*")) if file.is_file() and word.encode() in file.read_bytes().lower()
    ]


async def ears_off(h: Host, http: httpx.AsyncClient, room: Room) -> dict[str, Any]:
    """Say a secret with the ears off, then with open ears; return where it was found."""
    wave, rate = await spoken("Mira, my password is swordfish. What do you say to that?", before_s=0, after_s=0)
    secret = np.asarray(soxr.resample(wave, rate, RATE), np.float32)
    await http.post("/api/ears", json={"on": False})
    await room.say(secret)
    await asyncio.sleep(3.0)
    state = (await http.get("/api/state")).text + (await http.get("/metrics")).text
    off = found_in(h.home, SECRET) + (["state or metrics"] if SECRET in state.lower() else [])
    await http.post("/api/ears", json={"on": True})
    await open_ears(http)
    at = time.monotonic()
    await room.say(secret)
    await room.stage.wait(at, _announces, ANSWER_S)
    await asyncio.sleep(2.0)
    told = " ".join(str(m["text"]) for when, m in room.stage.events if m["type"] == "heard" and when > at)
    state = (await http.get("/api/state")).text
    return {
        "found_while_off": off,
        "found_with_open_ears": found_in(h.home, SECRET) + (["state"] if SECRET in state.lower() else []),
        "heard_with_open_ears": told[-80:],
    }


# --- what the recordings hold -------------------------------------------------------------------------


class Report:
    """Makes figures of turns. ``ledger`` has planned and heard words and the state of each epoch."""

    def __init__(self, room: Room, ledger: dict[int, tuple[str, str, str]], hear: Callable[[Sound], str]) -> None:
        self._room, self._stage = room, room.stage
        self._ledger, self._hear = ledger, hear
        self._hums = {" ".join(words(text)) for text in ("Hm.", "Oh.", "Well, now.", "Ah.", "Let me see.")}

    def sentence(self, turn: Turn) -> tuple[float, float] | None:
        """Return when a sentence began and ended in the microphone's recording."""
        found = heard.find(turn.sound, self._room.voice, turn.said_at, turn.until)
        return None if found is None else (found.at, found.at + turn.sound.size / RATE)

    def delays(self, turn: Turn, end: float, fake: Spoken | None) -> dict[str, Any]:
        """Return the delays of an answer, in ms since the sentence's end."""
        final = self._last(turn, lambda m: m["type"] == "heard" and m["final"])
        clauses = [(at, m) for at, m in self._stage.events if _announces(m) and m["epoch"] == turn.epoch]
        if final is None or not clauses:
            return {}
        answer = next((at for at, m in clauses if " ".join(words(m["text"])) not in self._hums), None)
        sound = self._room.speaker.loud(clauses[0][0] - 0.02, clauses[0][0] + 3)
        found: dict[str, Any] = {
            "end_to_commit": final[0] - end,
            "end_to_first_audio": None if answer is None else answer - end,
            "end_to_first_sound": None if sound is None else sound[0] - end,
            "hummed": answer != clauses[0][0],
        }
        if fake is not None and answer is not None:
            asks = [at for at, what in fake.log if what == "llm.request" and turn.said_at <= at <= answer]
            asked = asks[-1] if asks else None
            found["end_to_asked"] = None if asked is None else asks[0] - end
            found["drafts"] = [round(at - final[0], 3) for at in asks]
            if asked is not None and not found["hummed"]:
                found["over_upstreams"] = answer - final[0] - _worked(fake, asked, final[0], answer)
        return found

    def barged(self, turn: Turn, began: float) -> dict[str, Any]:
        """Return how the answer gave way to a sentence, and whose words the ledger has."""
        assert turn.over is not None
        until = self._new_voice(turn)
        stop = self._stage.first(turn.said_at, lambda m: m["type"] == "stop" and m["epoch"] == turn.over, until)
        told = self._stage.first(turn.said_at, lambda m: m["type"] == "duck" and m["epoch"] == turn.over, until)
        before = self._room.speaker.loud(began - 1.0, began)
        last = self._room.speaker.loud(began, until)
        planned, kept, state = self._ledger.get(turn.over, ("", "", "missing"))
        first = self._begin(turn.over)
        said = self._room.speaker.sound(first, (last[1] if last else began) + 0.3)
        transcript = self._hear(said)
        apart = along(words(planned), words(kept)) - along(words(planned), words(transcript))
        return {
            "was_sounding": before is not None,
            "duck_told": _since(told, began),
            "ducked": None if told is None else self._ducked(turn.over, began, told[0]),
            "stop_told": _since(stop, began),
            "silent": None if last is None or stop is None else last[1] - began,
            **self._position(turn.over), "state": state, "words_apart": apart,
            "ledger": kept[-60:], "recorded": transcript[-60:],
        }  # fmt: skip

    def _position(self, epoch: int) -> dict[str, Any]:
        """Return how much of the clause that was cut off sounded, in ms, and how much the page said."""
        stopped = next((m for _, m in self._stage.reports if m["type"] == "stopped" and m["epoch"] == epoch), None)
        sent = {m["clause"]: sound for m, sound in self._stage.clauses(epoch)}
        if stopped is None or stopped["clause"] not in sent:
            return {}
        first, until = self._span(epoch)
        found = heard.find(sent[stopped["clause"]], self._room.speaker, first, until)
        last = None if found is None else self._room.speaker.loud(found.at, until)
        return {
            "page_ms": round(stopped["position_ms"]),
            "sounded_ms": None if found is None or last is None else round((last[1] - found.at) * 1000),
        }

    def whole(self, turn: Turn) -> dict[str, Any]:
        """Return what became of an answer into which a noise was played."""
        assert turn.epoch is not None
        planned, kept, state = self._ledger.get(turn.epoch, ("", "", "missing"))
        first = self._begin(turn.epoch)
        places = [
            (m, heard.find(sound, self._room.speaker, first - 0.2, turn.until))
            for m, sound in self._stage.clauses(turn.epoch)
        ]
        there: list[Found] = [found for _, found in places if found is not None]
        transcript = self._hear(self._room.speaker.sound(first - 0.1, turn.until))
        return {
            "noise": turn.noise, **self._noise(turn), "state": state, "all_heard": planned == kept,
            "clauses": len(places), "found": len(there),
            "lost": [m["text"][:40] for m, found in places if found is None],
            "twice": sum(found.again > 0.9 * found.likeness for found in there),
            "slip_ms": max((abs(found.slip_ms) for found in there), default=None),
            "word_error_rate": round(error_rate(words(kept), words(transcript)), 3),
        }  # fmt: skip

    def _noise(self, turn: Turn) -> dict[str, Any]:
        until = turn.noise_at + 4.0
        played = self._room.voice.loud(turn.noise_at, until, 0.02)
        began, ended = played or (turn.noise_at, turn.noise_at)
        told = {
            kind: self._stage.first(began, lambda m, kind=kind: m["type"] == kind and m["epoch"] == turn.epoch, until)  # type: ignore[misc]
            for kind in ("duck", "resume", "stop")
        }
        back = told["resume"]
        return {
            "ducked": told["duck"] is not None,
            "duck_told": _since(told["duck"], began),
            "stopped": told["stop"] is not None,
            "resume_told_after_its_end": _since(back, ended),
            "resumed_after_its_end": None if back is None else self._back(turn.epoch, back[0], ended),
        }

    def _ducked(self, epoch: int, began: float, told: float) -> float | None:
        """Return the seconds until the voice is down, once it was told to; None where a pause of the voice hides it."""
        before = told
        for at, gain in self._levels(epoch):
            if at >= told:
                if gain < DOWN:
                    return at - began if at - before < BLIND_S else None
                before = at
        return None

    def _back(self, epoch: int | None, told: float, since: float) -> float | None:
        return next((at - since for at, gain in self._levels(epoch) if at >= told and gain > UP), None)

    def _levels(self, epoch: int | None) -> list[tuple[float, float]]:
        if epoch is None:
            return []
        (first, until), levels = self._span(epoch), []
        for _, sound in self._stage.clauses(epoch):
            if found := heard.find(sound, self._room.speaker, first, until):
                levels += heard.gains(sound, self._room.speaker, found.at)
        return sorted(levels)

    def _begin(self, epoch: int) -> float:
        return next((at for at, m in self._stage.events if _announces(m) and m["epoch"] == epoch), 0.0)

    def _span(self, epoch: int) -> tuple[float, float]:
        """Return the moments between which an answer may sound: until the next one is announced."""
        began = self._begin(epoch)
        following = self._stage.first(began, lambda m: _announces(m) and m["epoch"] > epoch)
        return began - 0.1, following[0] if following else self._room.speaker.until

    def _new_voice(self, turn: Turn) -> float:
        return turn.until if turn.epoch is None else self._begin(turn.epoch)

    def _last(self, turn: Turn, what: Callable[[dict[str, Any]], bool]) -> tuple[float, dict[str, Any]] | None:
        """Return the last message of a kind before the answer to a sentence begins."""
        until = self._new_voice(turn)
        return next((e for e in reversed(self._stage.events) if turn.said_at <= e[0] <= until and what(e[1])), None)

    def words(self, turn: Turn) -> list[str]:
        """Return what the ears made of a sentence: each text that was final."""
        heard_of = (m for at, m in self._stage.events if m["type"] == "heard" and turn.said_at <= at < turn.until)
        return [str(m["text"]) for m in heard_of if m["final"]]

    def cut_off(self, turn: Turn, end: float) -> bool:
        """Return whether the ears took a pause within a sentence for its end."""
        return any(m["type"] == "heard" and m["final"] and turn.said_at < at < end for at, m in self._stage.events)


def _since(event: tuple[float, dict[str, Any]] | None, moment: float) -> float | None:
    return None if event is None else event[0] - moment


def _worked(fake: Spoken, asked: float, since: float, until: float) -> float:
    """Return the seconds between two moments in which the model or the voice was at work on the first clause."""
    spoke = fake.since(asked, "tts.request")
    spans = [(asked, fake.since(asked, "llm.clause")), (spoke, fake.since(spoke or asked, "tts.first"))]
    return sum(max(0.0, min(until, b) - max(since, a)) for a, b in spans if a is not None and b is not None)


def along(planned: Sequence[str], said: Sequence[str]) -> int:
    """Return how many of the planned words were said, by the beginning of them that is the most like it."""
    return min(range(len(planned) + 1), key=lambda size: (error_rate(said or [""], planned[:size]), size))


def ledger_of(home: Path) -> dict[int, tuple[str, str, str]]:
    """Return what the store has of each utterance: planned, heard, state."""
    with contextlib.closing(sqlite3.connect(home / "haishin.db")) as store:
        rows = store.execute("select epoch, planned, heard, state from utterance").fetchall()
    return {int(epoch): (planned, kept, state) for epoch, planned, kept, state in rows}


def figures(room: Room, report: Report, fake: Spoken | None) -> dict[str, Any]:
    """Return the figures of all turns but the first."""
    rows: list[dict[str, Any]] = []
    for turn in room.turns[1:]:
        span = report.sentence(turn)
        row: dict[str, Any] = {"sentence": turn.name, "answered": turn.epoch is not None, "found": span is not None}
        rows.append(row)
        if span is None:
            continue
        row["heard"] = report.words(turn)
        row["cut_off"] = report.cut_off(turn, span[1])
        if turn.epoch is not None:
            row |= report.delays(turn, span[1], fake)
        if turn.over is not None:
            row["barge_in"] = report.barged(turn, span[0])
        if turn.noise:
            row["whole"] = report.whole(turn)
    for row in rows:
        say("  " + json.dumps(row, default=lambda x: round(x, 3)))
    clean = [row for row in rows if not row.get("cut_off", True)]
    over = [row["barge_in"] for row in rows if row.get("barge_in", {}).get("was_sounding")]
    whole = [row["whole"] for row in rows if "whole" in row]

    def ms(of: list[dict[str, Any]], key: str) -> dict[str, Any]:
        return quantiles([one[key] * 1000 for one in of if one.get(key) is not None])

    delays = ("end_to_asked", "end_to_commit", "end_to_first_audio", "end_to_first_sound", "over_upstreams")
    return {
        "turns": len(rows), "answered": sum(row["answered"] for row in rows),
        "cut_off": sum(row.get("cut_off", False) for row in rows),
        "hummed": sum(row.get("hummed", False) for row in rows),
        "delays_ms": {key: ms(clean, key) for key in delays},
        "barge_in": {
            "n": len(over), "cut": sum(one["state"] == "interrupted" for one in over),
            **{f"{key}_ms": ms(over, key) for key in ("duck_told", "ducked", "stop_told", "silent")},
            "words_apart": [one["words_apart"] for one in over],
        },
        "noises": {
            "n": len(whole), "ducked": sum(one["ducked"] for one in whole),
            "stopped": [one["noise"] for one in whole if one["stopped"]],
            "all_heard": sum(one["all_heard"] for one in whole),
            "clauses": sum(one["clauses"] for one in whole), "found": sum(one["found"] for one in whole),
            "twice": sum(one["twice"] for one in whole),
            "slip_ms_max": max((one["slip_ms"] or 0 for one in whole), default=None),
            "resume_told_ms": ms(whole, "resume_told_after_its_end"),
            "resumed_ms": ms(whole, "resumed_after_its_end"),
            "word_error_rate": quantiles([one["word_error_rate"] for one in whole]),
        },
        "rows": json.loads(json.dumps(rows, default=float), parse_float=lambda x: round(float(x), 3)),
    }  # fmt: skip


# --- the run ------------------------------------------------------------------------------------------


async def play(h: Host, mic: VirtualMic, turns: int) -> tuple[Room, dict[str, Any]]:
    """Hold the conversation."""
    sentences = list(recordings.prompts(len(recordings.PROMPTS)).items())
    disturb = noises(await murmurs())
    # The tapes come first: they keep the sinks' delay short. Streams that come and go would shift the tapes.
    async with (
        h.client() as http,
        taped(mic, "vmic_sink", "speaker") as (voice, speaker),
        mic.player(RATE, "vmic_sink") as hum,
        mic.player(RATE, "vmic_sink") as talk,
        heard_stage(h) as stage,
    ):
        quiet = recordings.quiet(60)
        for _ in range(60):
            hum(quiet)
        await open_ears(http)
        await asyncio.sleep(SETTLED_S)
        idle = await busy_percent(h)
        say(f"the ears are open; the host takes {idle} % of a core")
        room = Room(talk, stage, voice, speaker)
        for number in range(turns + 1):
            name, sound = sentences[number % len(sentences)]
            noise = disturb[number // 2 % len(disturb)] if number % 2 == 0 else None
            turn = await room.turn(name, sound, noise)
            say(f"turn {number}: {name}, over {turn.over}, answer {turn.epoch}, noise {turn.noise or '-'}")
        await stage.wait(turn.said_at, lambda m: m["type"] == "state" and m["state"] == "idle", OVER_BY_S)
        secret = await ears_off(h, http, room)
        secret["host_cpu_percent_while_quiet"] = idle
        secret["page"] = {
            key: value
            for key, value in (await stage.page.evaluate("window.haishin.stats()")).items()
            if key in ("underruns", "duckMs", "stopMs")
        }
        return room, secret


def keep(room: Room, folder: Path) -> None:
    """Write both recordings into a folder, beginning at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    began = max(room.voice.began, room.speaker.began)
    for name, tape in (("microphone", room.voice), ("loudspeaker", room.speaker)):
        write_wav(folder / f"{name}.wav", tape.sound(began, tape.until), RATE)


async def run(turns: int, kind: str, folder: Path | None) -> dict[str, Any]:
    """Hold the conversation, and make figures of it."""
    assert not MISSING, f"{' and '.join(MISSING)} not installed here"
    missing = recordings.fetch()
    model = await catalog.pull("whisper-base", catalog.default_root())
    before = os.getloadavg()
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cohost-")))
        config, data = home / "cohost.yaml", home / "data"
        data.mkdir()
        env: dict[str, str] = {}
        fake = await stack.enter_async_context(serve(Spoken())) if kind == "fixed" else None
        if isinstance(fake, Spoken):
            base = f"http://127.0.0.1:{fake.port}/v1"
            links = [{"provider": "openai", "base_url": base, "model": "m", "first_s": 10}]
            config.write_text(json.dumps(CONFIG | {"llm": links, "tts": links}), "utf-8")
        else:
            config.write_text(json.dumps(CONFIG), "utf-8")
        mic = await stack.enter_async_context(virtual_mic())
        async with host([config], env, home=data, within_s=600) as h:
            say(f"on air after {h.started_s:.1f} s")
            room, secret = await play(h, mic, turns)
            log = await asyncio.to_thread(h.log.read_text, "utf-8", "replace")
        after = os.getloadavg()
        ears = WhisperModel(str(model), device="cpu", compute_type="int8", local_files_only=True)

        def hear(sound: Sound) -> str:
            # In silence, and after its own words, the model hears what nobody said.
            strict: dict[str, Any] = {"condition_on_previous_text": False, "vad_filter": True}
            return " ".join(piece.text for piece in ears.transcribe(sound, language="en", **strict)[0])

        if folder is not None:
            await asyncio.to_thread(keep, room, folder)
            await asyncio.to_thread((folder / "host.log").write_text, log, "utf-8")
        report = Report(room, ledger_of(data), hear)
        result = await asyncio.to_thread(figures, room, report, fake if isinstance(fake, Spoken) else None)
    return {
        "bench": "cohost", "upstreams": kind, "unit_ms": recordings.unit_ms(), "missing": missing,
        "load": [[round(one, 2) for one in load] for load in (before, after)],
        "stage": "Chromium's stage page into the virtual loudspeaker", **result,
        "host_cpu_percent_while_quiet": secret.pop("host_cpu_percent_while_quiet"), "page": secret.pop("page"),
        "ears_off": secret,
        "errors_in_log": [line[:200] for line in log.splitlines() if " ERROR " in line or "| ERROR" in line],
    }  # fmt: skip


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=12, help="sentences, beside the first")
    parser.add_argument("--upstreams", choices=("fixed", "builtin"), default="fixed")
    parser.add_argument("--keep", type=Path, help="a folder for both recordings and the host's log")
    options = parser.parse_args()
    print(json.dumps(asyncio.run(run(options.turns, options.upstreams, options.keep)), ensure_ascii=False))


if __name__ == "__main__":
    main()
