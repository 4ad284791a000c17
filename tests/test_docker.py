"""The container's files: what they promise is read from them; the health command is run against a real host."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from bench.support.host import ROOT, free_port, host
from bench.support.upstreams import serve
from bot.web.door import open_door
from bot.web.settings import Web

COMPOSE = ["docker-compose.yml", "docker-compose.postgres.yml"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def services() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the services, those parts that a second file adds to one put in."""
    found: dict[str, dict[str, Any]] = {}
    for name in COMPOSE:
        for service, options in yaml.safe_load((ROOT / name).read_text("utf-8"))["services"].items():
            found.setdefault(service, {}).update(options)
    yield from found.items()


def environment() -> dict[str, str]:
    """Return the variables that the image sets."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", joined, re.MULTILINE))))


def health_command(port: int) -> list[str]:
    """Return the very command of the image, asked of another port."""
    (command,) = re.findall(r"HEALTHCHECK[^\n]*\\\n\s*CMD (\[.*\])", DOCKERFILE)
    words: list[str] = json.loads(command)
    assert words[0] == "python"
    assert "7878" in words[2]
    return [sys.executable, *words[1:2], words[2].replace("7878", str(port))]


async def healthy(port: int, **env: str) -> bool:
    process = await asyncio.create_subprocess_exec(
        *health_command(port), env={**os.environ, **env}, stderr=asyncio.subprocess.DEVNULL
    )
    return await asyncio.wait_for(process.wait(), 30) == 0


def test_every_image_is_pinned() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    images += [options["image"] for _, options in services() if "build" not in options]
    assert len(images) >= 5
    for image in images:
        assert re.fullmatch(r"[\w./-]+:(?=.*\d+\.\d+\.\d+)[\w.-]+", image), image


@pytest.mark.parametrize("name", ["bot", "ollama", "postgres"])
def test_every_service_is_confined(name: str) -> None:
    options = dict(services())[name]
    assert options["read_only"] is True
    assert re.fullmatch(r"\d+[gm]", options["mem_limit"])
    assert any(place.startswith("/tmp") for place in options["tmpfs"])  # noqa: S108 - a path of the container
    assert all("size=" in place for place in options["tmpfs"]), "memory without a bound"
    assert "no-new-privileges:true" in options["security_opt"]
    for port in options.get("ports", []):
        assert port.startswith("127.0.0.1:")


def test_no_secret_has_a_default_and_none_may_be_empty() -> None:
    for name in COMPOSE:
        text = (ROOT / name).read_text("utf-8")
        for variable, rest in re.findall(r"\$\{(\w+)([^}]*)\}", text):
            if re.search("TOKEN|PASSWORD|KEY|SECRET", variable):
                assert rest.startswith(":?"), (name, variable)
    # All of a file is filled in, whatever profile is asked for: what one service needs must not stop the others.
    assert "POSTGRES_PASSWORD=" not in (ROOT / COMPOSE[0]).read_text("utf-8")
    assert "${POSTGRES_PASSWORD" not in (ROOT / COMPOSE[0]).read_text("utf-8")


def test_configuration_and_sign_ins_get_in_by_mounts() -> None:
    bot = dict(services())["bot"]
    mounts = dict(volume.rpartition(":ro")[0].split(":") if volume.endswith(":ro") else volume.split(":")
                  for volume in bot["volumes"])  # fmt: skip
    assert mounts["./configs"] == "/config"
    (option, file) = bot["command"][1:]
    assert (bot["command"][0], option) == ("run", "--config")
    default = re.sub(r"\$\{CONFIG:-(.*)\}", r"\1", file)
    assert (ROOT / "configs" / Path(default).name).is_file()
    assert Path(default).parent == Path("/config")
    words = (ROOT / COMPOSE[0]).read_text("utf-8")
    for documented in ("CONFIG=mine.yaml", "login twitch", "personas/mine", "HAISHIN_TOKEN"):
        assert documented in words


def test_what_is_written_lies_on_volumes() -> None:
    bot = dict(services())["bot"]
    volumes = {volume.split(":")[1] for volume in bot["volumes"] if not volume.endswith(":ro")}
    env = environment()
    assert {env["HAISHIN_HOME"], env["HAISHIN_MODELS__DIR"], env["TMPDIR"]} <= volumes
    (declared,) = re.findall(r"^VOLUME (.*)$", DOCKERFILE, re.MULTILINE)
    assert set(json.loads(declared)) == volumes
    assert re.search(r"^USER haishin$", DOCKERFILE, re.MULTILINE)


async def test_the_health_command_passes_from_the_first_moment_and_fails_without_a_host(tmp_path: Path) -> None:
    async with open_door(Web(port=0, token=SecretStr("a-long-token-of-the-test")), tmp_path) as door:
        assert await healthy(door.port)
        # A proxy for the downloads is none for the own port.
        assert await healthy(door.port, http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9")
    assert not await healthy(free_port())


async def test_the_health_command_passes_on_a_real_host(tmp_path: Path) -> None:
    async with serve() as fake:
        base = f"http://127.0.0.1:{fake.port}/v1"
        env = {"HAISHIN_LLM__0__BASE_URL": base, "HAISHIN_TTS__0__BASE_URL": base, "HAISHIN_WEB__HOST": "0.0.0.0"}
        async with host([ROOT / "configs/bench.yaml"], env, home=tmp_path) as running:
            assert await healthy(running.port)
