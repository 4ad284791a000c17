"""Builds the show itself: stage, composer and speaker over the models and voices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.app.casting import look_of, policy_of, prompter_of, style_of
from bot.mind.failover import LlmChain
from bot.mind.memory.history import History
from bot.show.composer import Composer
from bot.show.feelings.feelings import Feelings
from bot.show.loop import Show
from bot.show.outbound import LeakGuard
from bot.show.performance import Cast
from bot.stage.clip import ClausePlayback
from bot.stage.hub import Overlay
from bot.voice.failover import TtsChain
from bot.voice.speaker import Speaker

if TYPE_CHECKING:
    from bot.app.app import App


def make_show(
    app: App, llm: LlmChain, tts: TtsChain, judge: LeakGuard, history: History, pace: float, first_epoch: int
) -> Show:
    """Return the show. Its turns are counted from ``first_epoch``; ``pace`` is how fast the stage's clock runs."""
    settings, persona = app.settings, app.persona
    stage = Overlay(
        look_of(persona, settings),
        stop_timeout_s=settings.stage.stop_timeout_s,
        max_pages=settings.stage.max_pages,
        clock=asyncio.get_running_loop().time,
        first_epoch=first_epoch,
        pace=pace,
    )
    app.feelings = Feelings(settings.show.mood, stage.feeling, asyncio.get_running_loop().time)
    composer = Composer(
        llm,
        persona.lines,
        persona.name,
        filler_after_s=settings.show.filler_after_s,
        reply_chars=settings.show.reply_chars,
        observer=app.observers,
    )
    speaker: Speaker[ClausePlayback] = Speaker(
        tts,
        stage,
        app.feelings.coloured(style_of(persona)),
        lookahead_s=settings.show.lookahead_s,
        on_voiceless=lambda error: app.observers.provider_failed("tts: no voice for a clause", error),
    )
    return Show(
        cast=Cast(persona.lines, prompter_of(persona, settings), policy_of(persona, settings)),
        inbox=app.inbox,
        floor=app.floor,
        stage=stage,
        composer=composer,
        history=history,
        speaker=speaker,
        judge=judge,
        recorder=app.turns,
        observer=app.observers,
        opinions=app.opinions,
        worker=app.worker,
    )
