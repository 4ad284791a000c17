"""What cues have changed for a while, and what is put back when their time is up.

Of each property several cues may want something at once: the newest lies on top, and below all lies what stood
there before. When a cue's time is up its layer goes; what lies below is written, but only where the mixer still has
what the layer left. Whatever somebody else has changed since stays.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.errors import ProviderError, Refused
from bot.stage.director.properties import SCENE, Property, Value, read, same, write
from bot.stage.director.runs import CueRefusedError, Remark, Why
from bot.stage.director.triggers import NOBODY, Whom
from bot.stage.obs.mixer import Mixer
from bot.types import Retraction

#: Properties that are changed for a while at once, and texts without an end that are remembered.
MAX_STACKS, MAX_TEXTS = 200, 200
#: So long is waited before what could not be put back is tried again, in seconds; and so often.
RETRY_S, MAX_TRIES = 2.0, 5


@dataclass(slots=True, eq=False)
class Layer:
    """What one cue wants of a property until ``until``; ``chain`` are the cues that led to it, itself the last.

    ``sure``: the mixer said that it was done. An answer that is lost leaves that open until the property is read.
    """

    cue: str
    priority: int
    value: Value
    until: float
    whom: Whom = NOBODY
    chain: tuple[str, ...] = ()
    sure: bool = True


@dataclass(slots=True)
class _Stack:
    base: Value
    layers: list[Layer] = field(default_factory=list)
    tries: int = 0
    not_before: float = 0.0

    def still(self, stands: Value) -> bool:
        """Return whether a property stands as the cues left it; what was not done after all is forgotten."""
        while self.layers and not same(stands, self.layers[-1].value):
            if self.layers[-1].sure:
                return False
            self.layers.pop()
        if not self.layers:
            return False
        self.layers[-1].sure = True
        return True

    def due(self) -> float:
        return max(self.not_before, min(layer.until for layer in self.layers))


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a layer whose time was up; ``problem`` is empty when all went well."""

    cue: str
    remark: Remark
    problem: bool = False


class Layers:
    """The changes that will be put back. Not for several tasks at once."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._stacks: dict[Property, _Stack] = {}
        # Texts without an end that speak of somebody: what they say, and the viewer.
        self._texts: OrderedDict[Property, Layer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._stacks)

    async def put(self, prop: Property, layer: Layer, *, for_a_while: bool) -> None:
        """Write what a cue wants. Raises `Refused` where a cue of higher priority has the property, `ProviderError`."""
        stack = self._stacks.get(prop)
        base: Value | None = None
        if stack is not None:
            top = stack.layers[-1]
            if top.priority > layer.priority and top.cue != layer.cue:
                raise CueRefusedError(Remark(Why.PRIORITY, str(prop), top.cue))
            if not stack.still(await read(self._mixer, prop)):
                self.drop(prop)
                stack = None
        elif for_a_while and len(self._stacks) >= MAX_STACKS:
            raise CueRefusedError(Remark(Why.MUCH))
        if for_a_while and stack is None:
            base = await read(self._mixer, prop)
        try:
            await write(self._mixer, prop, layer.value)
        except ProviderError:
            if for_a_while:
                layer.sure = False
                self._lay(prop, layer, stack, base)
            raise
        if for_a_while:
            self._lay(prop, layer, stack, base)
        else:
            self._stacks.pop(prop, None)
            self._remember(prop, layer)

    def _lay(self, prop: Property, layer: Layer, stack: _Stack | None, base: Value | None) -> None:
        if stack is not None and self._stacks.get(prop) is stack:
            # What the same cue laid before is kept as long as it may still be what the mixer has.
            before = stack.layers[-1:] if not layer.sure else []
            stack.layers = [*(one for one in stack.layers if one.cue != layer.cue or one in before), layer]
        elif base is not None:
            self._stacks[prop] = _Stack(base, [layer])

    def drop(self, prop: Property) -> None:
        """Drop a property: somebody else has changed it."""
        self._stacks.pop(prop, None)

    def next_due(self) -> float | None:
        """Return when something is to be put back, by the clock of the layers; None when nothing is."""
        return min((stack.due() for stack in self._stacks.values()), default=None)

    async def expire(self, now: float) -> list[Undone]:
        """Put back what is due; return what became of it. Never raises `ProviderError` and `Refused`."""
        done: list[Undone] = []
        for prop, stack in list(self._stacks.items()):
            if stack.due() <= now and self._stacks.get(prop) is stack:
                done += await self._expire(prop, stack, now)
        return done

    async def _expire(self, prop: Property, stack: _Stack, now: float) -> list[Undone]:
        cue = stack.layers[-1].cue
        try:
            remark = await self._end_due(prop, stack, now)
        except Refused as error:
            self.drop(prop)
            return [Undone(cue, Remark(Why.STUCK, str(prop), str(error)), problem=True)]
        except ProviderError as error:
            stack.tries += 1
            if not self._mixer.state.connected or stack.tries < MAX_TRIES:
                stack.not_before = now + RETRY_S
                return []
            self.drop(prop)
            return [Undone(cue, Remark(Why.STUCK, str(prop), str(error)), problem=True)]
        stack.tries = 0
        if not stack.layers and self._stacks.get(prop) is stack:
            self.drop(prop)
        return [Undone(cue, remark)] if remark else []

    async def _end_due(self, prop: Property, stack: _Stack, now: float) -> Remark | None:
        """Take away the layers that are due, and write what lies below; return what became of the property."""
        top = stack.layers[-1]
        if top.sure and top.until > now:
            stack.layers = [layer for layer in stack.layers if layer.until > now]
            return None
        stands = await read(self._mixer, prop)
        still = stack.still(stands)
        left = [layer for layer in stack.layers if layer.until > now]
        below = left[-1].value if left else stack.base
        if not (still or same(stands, below)):
            stack.layers = []
            return Remark(Why.STAYS, str(prop))
        if still and stack.layers[-1] not in left and not same(stands, below):
            for layer in stack.layers:
                layer.sure = layer.sure and layer in left
            await write(self._mixer, prop, below)
        stack.layers = left
        return Remark(Why.PUT_BACK, str(prop))

    def cause_of(self, now: float) -> tuple[str, ...]:
        """Return the cues that lead to the scene's being put back now; empty when it is not due."""
        stack = self._stacks.get(SCENE)
        return stack.layers[-1].chain if stack and stack.due() <= now else ()

    def _remember(self, prop: Property, layer: Layer) -> None:
        self._texts.pop(prop, None)
        if layer.whom != NOBODY:
            self._texts[prop] = layer
            if len(self._texts) > MAX_TEXTS:
                self._texts.popitem(last=False)

    def retract(self, retraction: Retraction, now: float) -> bool:
        """End what speaks of a deleted message, or of a viewer who was sent away; return whether there is any.

        A text without an end is emptied.
        """
        found = False
        for prop, layer in list(self._texts.items()):
            if _covers(retraction, layer.whom):
                del self._texts[prop]
                stack = self._stacks.setdefault(prop, _Stack(""))
                if not stack.layers:
                    stack.layers.append(Layer(layer.cue, layer.priority, layer.value, now))
                elif stack.base == layer.value:
                    stack.base = ""
                found = True
        for stack in self._stacks.values():
            for layer in stack.layers:
                if _covers(retraction, layer.whom):
                    layer.until = min(layer.until, now)
                    found = True
        return found

    def end_all(self, now: float) -> None:
        """End every layer now: the director goes."""
        for stack in self._stacks.values():
            stack.not_before = 0.0
            for layer in stack.layers:
                layer.until = min(layer.until, now)


def _covers(retraction: Retraction, whom: Whom) -> bool:
    if whom == NOBODY or not (retraction.id or retraction.author):
        return False  # a chat that is cleared takes its words, and leaves who paid
    return retraction.covers(whom.source, whom.message, whom.author)
