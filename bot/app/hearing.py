"""Builds the ears and runs them: what captures the streamer's voice, what recognises it, and who is told.

    microphone or page ─▶ SoundPath ─▶ AudioInlet ─▶ Listening ─▶ the streamer's side of the show, the panel, the stage

Nothing here holds up or ends the show: whatever breaks is said on the panel, and tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from loguru import logger

from bot.app import builtin_models
from bot.config import Settings
from bot.control.ears import EarParts, EarsControls, Source
from bot.control.streams import StreamStates
from bot.errors import HaishinError
from bot.hearing.ears import Ears, InputState
from bot.hearing.input.browser import BrowserMicrophone
from bot.hearing.input.far_end import FarEnd
from bot.hearing.input.inlet import AudioInlet
from bot.hearing.input.microphone import Microphone
from bot.hearing.input.settings import InputKind
from bot.hearing.input.sound_path import SoundPath, open_path
from bot.hearing.listening import Listening
from bot.hearing.opening import asr_entries, open_listening
from bot.hearing.speech import Hints, Samples
from bot.hearing.told import Told
from bot.hearing.vocabulary import Vocabulary
from bot.runtime.signal import Signal
from bot.show.cohost.captions import StageCaptions
from bot.show.cohost.names import load_syllables
from bot.show.cohost.regulars import Regulars
from bot.show.cohost.settings import AnswerMode
from bot.show.cohost.streamer import Streamer
from bot.show.floor_settings import FloorSettings, FloorState
from bot.stage.protocol import EarsMark
from bot.telemetry.alarms import AlarmLevel, Alarms
from bot.types import HostState

if TYPE_CHECKING:
    from bot.app.app import App

#: How long ears that could not be opened wait until they are tried again, in seconds.
RETRY_S: Final = 30.0
#: A page silent for so long has lost its microphone; how often that is looked at, and while the ears are off. In s.
QUIET_S, LOOK_EVERY_S, OFF_EVERY_S = 3.0, 0.5, 10.0
#: Ears that hear nothing for so long call a person, in seconds.
CALL_AFTER_S: Final = 30.0
ALARM: Final = "ears"

_FLOOR_OF: Final = {HostState.THINKING: FloorState.THINKING, HostState.SPEAKING: FloorState.SPEAKING}

NO_PAGE: Final = "no page is the microphone: open the panel where you speak, and press 'Use this microphone' there"
PAGE_SILENT: Final = "the page that is the microphone sends nothing: look whether it is still open and awake"


class Hearing:
    """The ears of one channel. Their parts live as long as the show, also while the ears are not enabled."""

    def __init__(self, app: App, streams: StreamStates, alarms: Alarms) -> None:
        loop = asyncio.get_running_loop()
        settings = app.settings
        self._stage = app.show.stage.streamer
        self.ears = Ears(settings.hearing.talk)
        self.inlet = AudioInlet()
        self.far = FarEnd(loop.time)
        self.browser = BrowserMicrophone(self._from_page, loop.time)
        self.streamer = Streamer(
            app.show,
            settings.floor,
            settings.cohost,
            names=lambda: _names(app),
            voiced=lambda: self._listening is not None and self._listening.voiced,
        )
        self.regulars = Regulars()
        self._captions = StageCaptions(self._stage, wanted=lambda: self._settings.hearing.captions)
        self.controls = EarsControls(
            EarParts(
                self.ears,
                self.inlet,
                self.browser,
                self,
                enabled=lambda: self._settings.hearing.enabled,
                trouble=lambda: self.trouble,
                source=lambda: self._source,
            )
        )
        #: Why the ears are not open, in words with the next step; empty when they are.
        self.trouble = ""
        self._app = app
        self._streams = streams
        self._alarms = alarms
        self._settings = settings
        self._changed = Signal()
        self._path: SoundPath | None = None
        self._listening: Listening | None = None
        self._source: Source = "none"
        self._clock = loop.time
        app.observers.add(self.regulars)

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return the long-lived parts by their names."""
        return {"ears": self.run, "watch over the ears": self.watch, "streamer": self.streamer.run}

    @property
    def streamer_speaking(self) -> bool | None:
        """Whether the streamer speaks; None when the ears do not hear."""
        return self.streamer.speaking if self._listening is not None and self.ears.listening else None

    @property
    def floor_settings(self) -> FloorSettings:
        """The floor's settings in force; see `bot.control.ears.FloorDesk`."""
        return self._app.show.floor.settings

    @property
    def state(self) -> FloorState:
        """Who has the floor."""
        streamer = self._app.show.floor.streamer
        return streamer if streamer is not FloorState.FREE else _FLOOR_OF.get(self._app.show.stage.state, streamer)

    def update_floor(self, settings: FloorSettings) -> None:
        """Put other settings of the floor in force."""
        self.streamer.update(settings, self._settings.cohost)

    @property
    def wants_button(self) -> bool:
        """Whether the host answers what it is asked to by a button alone."""
        return self._settings.cohost.answer is AnswerMode.BUTTON

    def forget(self) -> None:
        """Forget what was said and not answered."""
        self.streamer.forget()

    def press(self) -> bool:
        """Answer what is being said, or was said just now; return False when there is nothing."""
        return self.streamer.press()

    def update(self, new: Settings) -> None:
        """Apply other settings on air: the ears are opened anew when theirs changed."""
        old, self._settings = self._settings, new
        if new.floor != old.floor:
            self.controls.forget_edits()
        self.update_floor(new.floor if new.floor != old.floor else self.floor_settings)
        self.ears.mode = new.hearing.talk
        if old.hearing.enabled and not new.hearing.enabled:
            self.ears.generation += 1
            self.controls.close()
        if (new.hearing, new.asr, new.models) != (old.hearing, old.asr, old.models):
            self._changed.notify()
        self.ears.changed.notify()

    # --- the long-lived parts -------------------------------------------------------------------------

    async def run(self) -> None:
        """Run the ears while they are enabled, and open them anew when their settings change."""
        while True:
            await self._changed.wait_until(lambda: self._settings.hearing.enabled)
            wait_s = None
            try:
                await self._until_changed(self._settings)
            except HaishinError as error:
                self._say(f"{error}; {error.remedy}" if error.remedy else str(error))
                logger.error("the ears cannot be opened: {}", self.trouble)
                wait_s = RETRY_S
            except Exception as error:
                self._say(f"the ears broke and are opened anew: {type(error).__name__}")
                raise
            if wait_s is not None:
                await self._changed.wait(wait_s)

    async def watch(self) -> None:
        """Call a person when the ears hear nothing for long though they should; tell when a page fell silent."""
        deaf_since: float | None = None
        while True:
            await self.ears.changed.wait(LOOK_EVERY_S if self._settings.hearing.enabled else OFF_EVERY_S)
            self._show_mark()
            self.streamer.count(self._app.metrics)
            now, line = self._clock(), self.browser.line
            if line is not None and self.ears.listening and now - line.heard_at > QUIET_S:
                self.ears.tell(InputState.LOST, PAGE_SILENT)
            deaf = self._settings.hearing.enabled and self.ears.on and self._deaf_because()
            if not deaf:
                deaf_since = None
                self._alarms.clear(ALARM)
            elif deaf_since is None:
                deaf_since = now
            elif now - deaf_since > CALL_AFTER_S:
                self._alarms.raise_alarm(
                    ALARM, f"the host does not hear you: {deaf}"[:300], "See the card of the ears.", AlarmLevel.WARNING
                )

    def _show_mark(self) -> None:
        """Send the stage how the ears are."""
        settings, ears = self._settings.hearing, self.ears
        state = "off" if not ears.on else "listening" if ears.listening else "waiting"
        mark = {"state": state, "shown": settings.mark} if settings.enabled else {}
        self._stage.show_ears(EarsMark.model_validate(mark))

    def _deaf_because(self) -> str:
        if self.trouble:
            return self.trouble
        lost = (InputState.NO_DEVICE, InputState.LOST)
        return self.ears.trouble or self.ears.input.value if self.ears.input in lost else ""

    # --- from the sound to the words ------------------------------------------------------------------

    async def _until_changed(self, settings: Settings) -> None:
        """Listen until the settings change. Raises what `_listen` raises."""
        tasks: set[asyncio.Task[object]] = set()
        failure: BaseException | None = None
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(_caught(self._listen(settings)), name="listening")
            tasks = {listening, group.create_task(self._changed.wait())}
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            if listening.done() and not listening.cancelled():
                failure = listening.result()
        self._path = self._listening = None
        self._source = "none"
        self.ears.tell(InputState.CLOSED)
        if failure is not None:
            raise failure

    async def _listen(self, settings: Settings) -> None:
        hearing, models = settings.hearing, settings.models
        root = builtin_models.root(settings)
        self._say("the recogniser is being loaded")
        await asyncio.to_thread(load_syllables)
        recognisers = await asr_entries(settings.asr, _quietly, root=root, offline=models.offline)
        async with (
            open_path(hearing.input, self.ears, self.inlet, self.far) as path,
            open_listening(
                hearing.listening,
                recognisers,
                self.ears,
                self.inlet,
                Told((self.streamer, self.controls, self._captions)),
                self._hints,
                _quietly,
                busy=lambda: self._app.show.stage.state is HostState.THINKING,
                on_failure=self._provider_failed,
                root=root,
                offline=models.offline,
            ) as (listening, chain),
            asyncio.TaskGroup() as group,
        ):
            self._path, self._listening = path, listening
            self._stage.monitor = self.far
            self._app.parts.chains["asr"] = chain
            self._say("")
            logger.info("the ears are open")
            try:
                group.create_task(self._capture(settings, path), name="capture")
                await listening.run()
            finally:
                self._app.parts.chains.pop("asr", None)
                self._stage.monitor = None

    async def _capture(self, settings: Settings, path: SoundPath) -> None:
        """Capture sound: from the page that is the microphone, else from this machine's."""
        while True:
            line = self.browser.line
            if line is not None:
                self._source = "browser"
                self.ears.tell(InputState.LIVE)
                await self.browser.changed.wait_until(lambda line=line: self.browser.line is not line)  # type: ignore[misc]
            elif settings.hearing.input.kind is InputKind.BROWSER:
                self._source = "none"
                self.ears.tell(InputState.NO_DEVICE, NO_PAGE)
                await self.browser.changed.wait_until(lambda: self.browser.line is not None)
            else:
                self._source = "microphone"
                await self._own_microphone(settings, path)

    async def _own_microphone(self, settings: Settings, path: SoundPath) -> None:
        """Capture with this machine's microphone until a page takes its place."""
        async with asyncio.TaskGroup() as group:
            capturing = group.create_task(Microphone(settings.hearing.input, self.ears, path).run())
            await self.browser.changed.wait_until(lambda: self.browser.line is not None)
            capturing.cancel()

    def _from_page(self, block: Samples, rate: int, at: float) -> None:
        """Receive a block of the page that is the microphone."""
        if self._path is None:
            return
        if self.ears.input is not InputState.MUTE:
            self.ears.tell(InputState.LIVE, "" if self.ears.input is InputState.LOST else self.ears.trouble)
        self._path.take(block, rate, at)

    def _hints(self) -> Hints:
        """Return what the recogniser may expect just now."""
        listening = self._settings.hearing.listening
        games = [stream.category for stream in self._streams.streams.values() if stream.category]
        return Vocabulary(
            _names(self._app),
            (*listening.words, *games),
            self.regulars.names if listening.viewers else tuple,
            listening.languages or self._app.persona.languages,
        )()

    def _provider_failed(self, name: str, error: BaseException) -> None:
        self._app.metrics.failures.labels(name, "asr").inc()
        logger.warning("{} failed: {}", name, error)

    def _say(self, trouble: str) -> None:
        self.trouble = trouble
        self.ears.changed.notify()


async def _caught(work: Awaitable[None]) -> BaseException | None:
    """Await something; return what it raised, which a task group would wrap and end others for."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        return error
    return None


def _names(app: App) -> tuple[str, ...]:
    """Return what the host is called just now."""
    return (app.persona.name, *app.persona.aliases, *app.settings.cohost.names)


def _quietly(_name: str, _done: int, _total: int) -> None:
    """Fetch weights without a word: the panel says that the recogniser is being loaded."""
