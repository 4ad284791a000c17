"""What every model of the web API shares."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Strict: no unknown field, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True)
