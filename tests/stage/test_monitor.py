"""Who listens along to the stage is told what is sent, and when it stops, stands still and goes on."""

from __future__ import annotations

from bot.stage.streamer import StreamerView


class Monitor:
    def __init__(self) -> None:
        self.told: list[object] = []

    def play(self, pcm: bytes, rate: int) -> None:
        self.told.append((pcm, rate))

    def stop(self) -> None:
        self.told.append("stop")

    def hold(self) -> None:
        self.told.append("hold")

    def go_on(self) -> None:
        self.told.append("go on")


def test_a_monitor_is_told_all_that_moves_the_sound() -> None:
    view = StreamerView(lambda _message: None)
    view.sent(b"ab", 24_000)
    view.stopped()
    view.stands(still=True)
    assert view.monitor is None
    monitor = view.monitor = Monitor()
    view.sent(b"ab", 24_000)
    view.stands(still=True)
    view.stands(still=False)
    view.stopped()
    assert monitor.told == [(b"ab", 24_000), "hold", "go on", "stop"]
