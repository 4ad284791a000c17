"""The routes that concern the video mixer and its cues."""

from __future__ import annotations

from fastapi import APIRouter

from bot.control.mixer import MixerControls
from bot.control.schemas.mixer import CueIn, Picture, Rehearsal, SceneIn, ShowStateIn
from bot.control.schemas.panel import Done
from bot.errors import HaishinError
from bot.web.routes.platforms import conflict


def mixer_routes(mixer: MixerControls) -> APIRouter:
    """Build the routes over the mixer's controls."""
    api = APIRouter(tags=["mixer"], responses={409: {"description": "it cannot be done, and why"}})

    @api.post("/api/mixer/scene")
    async def scene(order: SceneIn) -> Done:
        """Put a scene on air; the director leaves it alone until it is released."""
        try:
            return await mixer.switch(order.scene)
        except HaishinError as error:
            raise conflict(error) from None

    @api.get("/api/mixer/picture")
    async def picture() -> Picture:
        """Return a picture of what is on air, at most two seconds old."""
        try:
            return await mixer.picture()
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/mixer/release")
    async def release() -> Done:
        """Release the mixer: the director chooses the scene again."""
        try:
            return mixer.release()
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/mixer/state")
    async def state(order: ShowStateIn) -> Done:
        """Set the state of the show: starting, live, in a break, or ending."""
        try:
            return mixer.enter(order.state)
        except HaishinError as error:
            raise conflict(error) from None

    _add_cues(api, mixer)
    return api


def _add_cues(api: APIRouter, mixer: MixerControls) -> None:
    @api.post("/api/cues/run")
    async def run(order: CueIn) -> Done:
        """Run a cue now, whether it rests or not."""
        try:
            return await mixer.run(order.cue)
        except HaishinError as error:
            raise conflict(error) from None

    @api.post("/api/cues/rehearse")
    async def rehearse(order: CueIn) -> Rehearsal:
        """Tell what a cue would do, without doing it."""
        try:
            return await mixer.rehearse(order.cue)
        except HaishinError as error:
            raise conflict(error) from None
