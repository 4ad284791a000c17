"""haishin models: fetch weights."""

from __future__ import annotations

from bot.app import builtin_models
from bot.cli.output import downloads, open_log, out
from bot.config import Settings
from bot.weights import catalog


async def pull_models(settings: Settings, names: list[str]) -> None:
    """Fetch weights by name, or those that a run needs."""
    open_log(settings)
    with downloads() as progress:
        if names:
            for name in names:
                path = await catalog.pull(
                    name, builtin_models.root(settings), progress, offline=settings.models.offline
                )
                out.print(f"[green]ok[/] {name}: {path}")
        else:
            if settings.llm == "auto":  # the built-in model stands behind a server of this machine, too
                models = [await builtin_models.builtin_llm(settings, progress)]
            else:
                models = await builtin_models.llm_entries(settings, progress)
            for entry in [
                *models,
                *await builtin_models.tts_entries(settings, progress),
            ]:
                out.print(f"[green]ok[/] {entry['provider']}: {entry.get('model', 'needs no weights')}")
