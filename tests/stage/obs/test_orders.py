"""Whose doing an event was."""

from __future__ import annotations

from typing import Any

import pytest

from bot.stage.obs.orders import Orders


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def orders(clock: Clock) -> Orders:
    return Orders(clock)


@pytest.mark.parametrize(
    ("request_", "order", "event", "data"),
    [
        ("SetSceneName", {"sceneName": "A", "newSceneName": "B"}, "SceneNameChanged",
         {"oldSceneName": "A", "sceneName": "B"}),
        ("SetInputVolume", {"inputName": "Mic", "inputVolumeDb": -6}, "InputVolumeChanged",
         {"inputName": "Mic", "inputVolumeDb": -6.0206, "inputVolumeMul": 0.5}),
        ("SetInputSettings", {"inputName": "T", "inputSettings": {"text": "x"}}, "InputSettingsChanged",
         {"inputName": "T", "inputSettings": {"text": "x", "font": {}}}),
        ("SetSceneItemEnabled", {"sceneName": "A", "sceneItemId": 3, "sceneItemEnabled": True},
         "SceneItemEnableStateChanged", {"sceneName": "A", "sceneItemId": 3, "sceneItemEnabled": True}),
        ("ToggleInputMute", {"inputName": "Mic"}, "InputMuteStateChanged", {"inputName": "Mic", "inputMuted": True}),
    ],
)  # fmt: skip
def test_an_event_is_ours_once(
    orders: Orders, request_: str, order: dict[str, Any], event: str, data: dict[str, Any]
) -> None:
    assert not orders.caused(event, data)
    orders.given(request_, order)
    assert orders.caused(event, data)
    assert not orders.caused(event, data)


def test_another_source_or_another_value_is_not_ours(orders: Orders) -> None:
    orders.given("SetSceneItemEnabled", {"sceneName": "A", "sceneItemId": 3, "sceneItemEnabled": True})
    for other in ({"sceneItemId": 4}, {"sceneItemEnabled": False}, {"sceneName": "B"}):
        event = {"sceneName": "A", "sceneItemId": 3, "sceneItemEnabled": True} | other
        assert not orders.caused("SceneItemEnableStateChanged", event)


def test_a_long_transition_is_ours_and_after_its_time_no_event_is(orders: Orders, clock: Clock) -> None:
    orders.given("SetCurrentProgramScene", {"sceneName": "A"})
    clock.now += 8
    assert orders.caused("CurrentProgramSceneChanged", {"sceneName": "A"})
    orders.given("SetCurrentProgramScene", {"sceneName": "A"})
    clock.now += 30
    assert not orders.caused("CurrentProgramSceneChanged", {"sceneName": "A"})


def test_all_states_of_an_ordered_output_are_ours_until_it_rests(orders: Orders) -> None:
    orders.given("StopStream", {})
    for state, ours in (("STOPPING", True), ("STOPPED", True), ("STOPPED", False)):
        assert orders.caused("StreamStateChanged", {"outputState": f"OBS_WEBSOCKET_OUTPUT_{state}"}) is ours


def test_what_was_declined_causes_nothing_and_orders_are_bounded(orders: Orders) -> None:
    orders.declined(orders.given("SetCurrentProgramScene", {"sceneName": "A"}))
    assert not orders.caused("CurrentProgramSceneChanged", {"sceneName": "A"})
    for number in range(5000):
        orders.given("SetSceneItemEnabled", {"sceneName": "A", "sceneItemId": number})
    assert len(orders._orders) <= 500
