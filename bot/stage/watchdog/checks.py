"""The ways in which a stream goes wrong, each as one small function over two looks.

They come from public reports of channels on air day and night. Where a time stands, it is short enough for each to be
found within 90 seconds, looks every ten seconds included.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from bot.stage.obs.mixer import MixerStats, OutputState
from bot.stage.watchdog.check import Check, Cure, Kind
from bot.stage.watchdog.look import Look, Resource, Sees
from bot.stage.watchdog.settings import WatchdogSettings
from bot.telemetry.alarms import AlarmLevel

#: A platform needs so long to see a stream that began, in milliseconds.
GRACE_MS = 120_000
#: Frames that are needed for a share to say something, and the share that viewers notice.
MIN_FRAMES, TOO_MANY = 20, 0.1
TOO_CONGESTED = 0.8
#: Quieter than this, in dBFS, is silence.
SILENCE_DB = -60.0
#: Below this share of the wanted free space the disk is as good as full.
FULL = 0.2


def checks(settings: WatchdogSettings) -> list[Check]:
    """Return what is looked for, with the cures that the settings allow."""
    stream, page = Resource.STREAM, Resource.PAGE
    warning = AlarmLevel.WARNING
    restart = Cure.RESTART if settings.restart_stream else None
    start = Cure.START if settings.restart_stream else None
    revive = Cure.REVIVE if settings.revive_page else None
    stop_recording = Cure.STOP_RECORDING if settings.stop_recording else None
    free = settings.min_free_gb * 1024
    found = [
        Check(Kind.OBS_GONE, obs_gone, 45, "OBS went away while it streamed", "Start OBS again."),
        Check(Kind.ENDED, ended, 15, "the stream ended by itself",
              "Look at OBS and at the network, then start the stream.", cure=start, about=stream),
        Check(Kind.HALF_OPEN, half_open, 30, "OBS says that it streams, and sends nothing",
              "Stop the stream in OBS, and start it again.", cure=restart, about=stream),
        Check(Kind.RECONNECTING, reconnecting, 40, "OBS tries in vain to reach the platform",
              "Check the network and the platform, then stop and start the stream.", cure=restart, about=stream),
        Check(Kind.STARTING, _is(OutputState.STARTING), 50, "the stream does not begin",
              "Check the server and the stream key in OBS: Settings → Stream.", cure=restart, about=stream),
        Check(Kind.STOPPING, _is(OutputState.STOPPING), 50, "the stream was stopped, and does not end",
              "Close OBS; if it hangs, end its process.", cure=Cure.STOP, about=stream),
        Check(Kind.DARK, dark, 45, "OBS streams, and the platform says that the channel is offline",
              "Stop the stream in OBS, and start it again.", cure=restart, about=stream, settles_s=GRACE_MS / 1000),
        Check(Kind.NOT_LIVE, not_live, 45, "OBS streams, and the platform has not said that the channel is live",
              "Look at your channel. If it is dark, check the stream key.", warning, about=stream),
        Check(Kind.UNFED, unfed, 75, "the platform shows the channel as live, and OBS does not stream",
              "Start the stream in OBS, or end it on the platform.", warning, about=stream),
        Check(Kind.DROPPED, dropped, 30, "the network loses more than a tenth of the picture",
              "Lower the bitrate in OBS, or use a cable.", warning, about=stream),
        Check(Kind.CONGESTED, congested, 40, "the network is too slow for the stream",
              "Lower the bitrate in OBS.", warning, about=stream),
        Check(Kind.RENDERING, _too_slow(lambda s: (s.render_skipped, s.render_total)), 30,
              "OBS is too slow to draw the picture", "Close other programs, or lower the size and the rate.", warning),
        Check(Kind.ENCODING, _too_slow(lambda s: (s.output_skipped, s.output_total)), 30,
              "OBS is too slow to encode the picture", "Choose a faster preset, or encode on the graphics card.",
              warning),
        Check(Kind.DISK, _disk_below(free), 15, f"less than {settings.min_free_gb:g} GB are left for the recording",
              "Make room, or record to another disk.", warning),
        Check(Kind.DISK_FULL, _disk_below(free * FULL), 15, "the disk of the recording is all but full",
              "End the recording now.", cure=stop_recording, about=Resource.RECORDING),
        Check(Kind.PAGE_GONE, page_gone, 25, "the stage page in OBS crashed, or lost the host",
              "In OBS, open the browser source's properties and press 'Refresh cache of current page'.",
              cure=revive, about=page),
    ]  # fmt: skip
    if settings.picture:
        look = "Look at OBS's preview, and at the sources of the scene."
        found += [
            Check(Kind.BLACK, black, 40, "the picture is black", look, cure=revive, about=page),
            Check(Kind.FROZEN, frozen, 30, "the picture stands still while the host speaks", look,
                  cure=revive, about=page),
        ]  # fmt: skip
    if settings.sound:
        found += [
            Check(Kind.UNHEARD, unheard, 15, "the host speaks, and OBS does not hear it",
                  "Look whether 'Control audio via OBS' is on in the browser source's properties.",
                  cure=revive, about=page),
            Check(Kind.MUTED, muted, 15, "the host speaks, and is muted in OBS", "Unmute the source in OBS.", warning),
        ]  # fmt: skip
    if settings.silence_s:
        found.append(Check(Kind.SILENT, silent, settings.silence_s, "nothing is heard in OBS", "Look at OBS's mixer."))
    return found


def obs_gone(look: Look, _before: Look | None) -> bool | None:
    """Return whether OBS is not there, and the stream was not ended."""
    return look.wanted and not look.state.connected


def ended(look: Look, _before: Look | None) -> bool | None:
    """Return whether the output stopped, and neither a person nor this program stopped it."""
    if not look.state.connected:
        return None
    match look.state.stream:
        case OutputState.STOPPED:
            return look.wanted
        case OutputState.ACTIVE | OutputState.RECONNECTING:
            return False
    return None


def half_open(look: Look, before: Look | None) -> bool | None:
    """Return whether the output is active and its bytes do not grow: of the connection only this end is left."""
    if not look.state.connected or look.stream is None:
        return None
    if not look.stream.active:
        return _off(look)
    earlier = before.stream if before else None
    if earlier is None or not earlier.active or look.stream.reconnecting or earlier.reconnecting:
        return None
    if look.stream.duration_ms < earlier.duration_ms:  # another stream
        return None
    return look.stream.bytes <= earlier.bytes


def reconnecting(look: Look, _before: Look | None) -> bool | None:
    """Return whether OBS lost the platform, and tries to reach it."""
    if not look.state.connected or look.stream is None:
        return None
    return look.stream.reconnecting if look.stream.active else _off(look)


def _off(look: Look) -> bool | None:
    """Return what a stream that is off shows: when it is meant to be on, not that all is well again."""
    return None if look.wanted else False


def dark(look: Look, _before: Look | None) -> bool | None:
    """Return whether the platform saw this stream, and does not any more."""
    return _offline(look, was_live=True)


def not_live(look: Look, _before: Look | None) -> bool | None:
    """Return whether the platform never saw this stream. It may have been heard too late: nothing is mended."""
    return _offline(look, was_live=False)


def _offline(look: Look, *, was_live: bool) -> bool | None:
    if not look.state.connected or look.stream is None:
        return None
    if not look.stream.active:
        return _off(look)
    if look.platform is not False:
        return False
    if look.stream.duration_ms < GRACE_MS and not was_live:
        return None
    return look.was_live is was_live


def unfed(look: Look, _before: Look | None) -> bool | None:
    """Return whether the platform shows the channel, and OBS sends nothing, as it was told a while ago."""
    if not look.state.connected or look.ending:
        return None
    return look.platform is True and look.state.stream is OutputState.STOPPED and not look.wanted


def dropped(look: Look, before: Look | None) -> bool | None:
    """Return whether frames were left out because the network was too slow."""
    if not look.state.connected or look.stream is None:
        return None
    if not look.stream.active:
        return False
    earlier = before.stream if before else None
    if earlier is None:
        return None
    lost = look.stream.skipped_frames - earlier.skipped_frames
    return _too_many(lost, look.stream.total_frames - earlier.total_frames)


def congested(look: Look, _before: Look | None) -> bool | None:
    """Return whether the output waits for the network nearly all of the time."""
    if not look.state.connected or look.stream is None:
        return None
    return look.stream.active and look.stream.congestion > TOO_CONGESTED


def page_gone(look: Look, _before: Look | None) -> bool | None:
    """Return whether OBS has a source with the stage page, and no stage page is open."""
    if not look.on_air:
        return False
    if look.pages:
        return False
    return True if look.page and look.shown else None  # one that is hidden may be unloaded


def black(look: Look, _before: Look | None) -> bool | None:
    """Return whether nothing is to be seen."""
    if not look.on_air:
        return False
    return look.picture.black if look.picture else None


def frozen(look: Look, before: Look | None) -> bool | None:
    """Return whether a picture that moved before stays the same while the host speaks: a card is no fault."""
    if not look.on_air:
        return False
    if look.picture is None or before is None or before.picture is None:
        return None
    if look.picture.digest != before.picture.digest:
        return False
    same = before.state.scene == look.state.scene
    return True if look.speaking and look.moves and same else None


def unheard(look: Look, _before: Look | None) -> bool | None:
    """Return whether the host speaks, and the source where the voice was heard before is silent.

    Where it never was, the voice may have another way, such as the sound of the desktop: then all must be silent.
    """
    if not look.on_air:
        return False
    if not look.speaking or look.peaks is None or look.muted:
        return None
    return (look.peaks.get(look.page, -math.inf) if look.heard_there else loudest(look)) < SILENCE_DB


def muted(look: Look, _before: Look | None) -> bool | None:
    """Return whether the host speaks, and the source with the page is muted."""
    if not look.on_air:
        return False
    if not look.speaking:
        return None
    return look.muted and (look.heard_there or loudest(look) < SILENCE_DB)


def silent(look: Look, _before: Look | None) -> bool | None:
    """Return whether nothing at all is heard."""
    if not look.on_air:
        return False
    return loudest(look) < SILENCE_DB if look.peaks is not None else None


def loudest(look: Look) -> float:
    """Return the loudest peak of all inputs, in dBFS."""
    return max(look.peaks.values(), default=-math.inf) if look.peaks else -math.inf


def _is(state: OutputState) -> Sees:
    def sees(look: Look, _before: Look | None) -> bool | None:
        return look.state.stream is state if look.state.connected else None

    return sees


def _too_slow(frames: Callable[[MixerStats], tuple[int, int]]) -> Sees:
    def sees(look: Look, before: Look | None) -> bool | None:
        if not look.on_air:
            return False
        if look.load is None or before is None or before.load is None:
            return None
        (lost, total), (lost_before, total_before) = frames(look.load), frames(before.load)
        return _too_many(lost - lost_before, total - total_before)

    return sees


def _too_many(lost: int, total: int) -> bool | None:
    return lost > TOO_MANY * total if total >= MIN_FRAMES and lost >= 0 else None


def _disk_below(mb: float) -> Sees:
    def sees(look: Look, _before: Look | None) -> bool | None:
        if not look.state.connected or look.load is None:
            return None
        return look.state.record is not OutputState.STOPPED and look.load.disk_free_mb < mb

    return sees
