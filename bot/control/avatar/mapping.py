"""What of ours is what of a model's: shown with what there is to choose from, and written into its `model.yaml`."""

from __future__ import annotations

from bot.control.schemas.avatar import Choice, MappingView
from bot.errors import ConfigError, Refused
from bot.stage.models.library import Assignments, Card, ModelKind, ModelLibrary
from bot.stage.models.live2d import read_model
from bot.stage.models.live2d_names import PARAMETERS


def read_mapping(library: ModelLibrary, name: str) -> MappingView:
    """Return the mapping of a Live2D model. Raise `Refused` when there is none to be shown. It reads many files."""
    try:
        card = _card(library, name)
        found = read_model(library.folder / name / card.file)
        shown = library.stage_model(name)
    except ConfigError as error:
        raise Refused(str(error), remedy=error.remedy) from None
    groups = dict.fromkeys(movement.rsplit("/", 1)[0] for movement in found.motions)
    return MappingView(
        model=shown,
        parameters=list(PARAMETERS),
        theirs=[Choice(id=one, title=found.display.get(one, "")) for one in found.parameters],
        expressions=list(found.expressions),
        motions=[Choice(id=movement, title=file) for movement, file in found.motions.items()],
        groups=list(groups),
    )


def write_mapping(library: ModelLibrary, name: str, mapping: Assignments) -> None:
    """Write the mapping of a Live2D model. Raise `Refused`."""
    try:
        card = _card(library, name)
        library.write_card(name, card.model_copy(update={"mapping": {key: one for key, one in mapping.items() if one}}))
    except ConfigError as error:
        raise Refused(str(error), remedy=error.remedy) from None


def _card(library: ModelLibrary, name: str) -> Card:
    card = library.card(name)
    if card.kind is not ModelKind.LIVE2D:
        raise Refused(f"{name} is no Live2D model", remedy="Its mapping stands in its model.yaml: see docs/models.md.")
    return card
