"""A VRM model made by code: a girl of ellipsoids whose mouth, lids and hair move. Nothing of it is anybody else's."""

from tests.support.vrm.model import make_vrm

__all__ = ["make_vrm"]
