"""All open stage pages, and the one of them that the audience hears."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from bot.stage.page import Page


class PageSet:
    """The open pages in the order in which they came. At most one of them has the audio role."""

    def __init__(self) -> None:
        self._pages: list[Page] = []

    def __len__(self) -> int:
        """Return how many pages are open."""
        return len(self._pages)

    def __iter__(self) -> Iterator[Page]:
        """Yield the open pages."""
        return iter(self._pages)

    @property
    def audio(self) -> Page | None:
        """The page that is heard; None when there is none."""
        return next((page for page in self._pages if page.role == "audio"), None)

    def describe(self) -> str:
        """Return in words whether the audience can hear anything."""
        if self.audio is not None:
            return f"heard through one of {len(self._pages)} open page(s)"
        if any(not page.running for page in self._pages):
            return "a stage page is open, but its sound is blocked until it is clicked"
        return "no stage page is open" if not self._pages else "only silent stage pages are open"

    def model_problem(self, name: str) -> str:
        """Return why an open page does not show the model of this name; empty when none says so."""
        said = (page.model for page in self._pages)
        return next((m.detail or "no reason" for m in said if m and m.name == name and m.state == "failed"), "")

    def add(self, page: Page) -> None:
        """Add a page. It gets the audio role at once when it may have it and no other page has it."""
        if page.may_be_heard and self.audio is None:
            page.role = "audio"
        self._pages.append(page)

    def remove(self, page: Page) -> None:
        """Remove a page that has gone."""
        self._pages.remove(page)

    def elect(self) -> Page | None:
        """Elect the page that has waited longest for the audio role, when no page has it; return that page."""
        if self.audio is not None:
            return None
        heir = next((page for page in self._pages if page.may_be_heard), None)
        if heir is not None:
            heir.change_role("audio")
        return heir

    def broadcast(self, message: BaseModel, *, views_only: bool = False) -> None:
        """Send a message to all pages, or to the silent ones alone."""
        text = message.model_dump_json()
        for page in self._pages:
            if not (views_only and page.role == "audio"):
                page.send(text)

    def forget_sound(self) -> None:
        """Drop the sound that is queued for any page and not sent yet."""
        for page in self._pages:
            page.forget_sound()
