"""Round shapes with the bones that move them, and what they become when an expression is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: The bones of a point and its share of each.
Weights = Sequence[tuple[str, float]]


@dataclass
class Part:
    """One piece of a mesh. ``morphs`` has the shift of each of its points, by the name of the shape."""

    points: Array
    triangles: NDArray[np.int64]
    weights: list[Weights]
    material: str
    morphs: dict[str, Array] = field(default_factory=dict)
    uv: Array | None = None

    @property
    def normals(self) -> Array:
        """Smooth normals, from the triangles around each point."""
        a, b, c = (self.points[self.triangles[:, n]] for n in range(3))
        flat = np.cross(b - a, c - a)
        out = np.zeros_like(self.points)
        for n in range(3):
            np.add.at(out, self.triangles[:, n], flat)
        length = np.linalg.norm(out, axis=1, keepdims=True)
        return np.asarray(np.divide(out, length, out=np.tile([0.0, 0.0, 1.0], (len(out), 1)), where=length > 1e-12))

    def morph(self, name: str, change: Callable[[Array], Array]) -> Part:
        """Let the points go elsewhere in a shape; return the part."""
        self.morphs[name] = self.morphs.get(name, np.zeros_like(self.points)) + change(self.points) - self.points
        return self


def rings(profile: Sequence[Array], weights: Sequence[Weights], material: str) -> Part:
    """Return a skin over rings of points, closed at both ends. Each ring has its own bones."""
    around = len(profile[0])
    points = np.concatenate([*profile, [profile[0].mean(axis=0)], [profile[-1].mean(axis=0)]])
    triangles = []
    for row in range(len(profile) - 1):
        for n in range(around):
            a, b = row * around + n, row * around + (n + 1) % around
            triangles += [(a, b, a + around), (b, b + around, a + around)]
    first, last = len(points) - 2, len(points) - 1
    end = (len(profile) - 1) * around
    for n in range(around):
        triangles += [(first, (n + 1) % around, n), (last, end + n, end + (n + 1) % around)]
    bones = [w for w in weights for _ in range(around)] + [weights[0], weights[-1]]
    u = np.tile(np.arange(around) / around, len(profile))
    v = np.repeat(np.linspace(0, 1, len(profile)), around)
    uv = np.stack([np.concatenate([u, [0.5, 0.5]]) * 6, np.concatenate([v, [0.0, 1.0]]) * 4], axis=1)
    return Part(points, np.array(triangles), bones, material, uv=uv)


def tube(path: Sequence[Sequence[float]], radii: Sequence[float | tuple[float, float]], weights: Sequence[Weights],
         material: str, around: int = 18) -> Part:  # fmt: skip
    """Return a tube along a path; a radius may be two, to the side and to the front."""
    centres = np.array(path, dtype=float)
    out = []
    for n, centre in enumerate(centres):
        along = centres[min(n + 1, len(centres) - 1)] - centres[max(n - 1, 0)]
        along /= np.linalg.norm(along)
        side = np.cross(along, [0.0, 0.0, 1.0])
        side = np.array([1.0, 0, 0]) if np.linalg.norm(side) < 1e-6 else side / np.linalg.norm(side)
        front = np.cross(side, along)
        r = radii[n]
        wide, deep = r if isinstance(r, tuple) else (r, r)
        angles = np.linspace(0, 2 * np.pi, around, endpoint=False)[:, None]
        out.append(centre + np.cos(angles) * side * wide - np.sin(angles) * front * deep)
    return rings(out, weights, material)


def ball(centre: Sequence[float], radii: Sequence[float], bone: str, material: str, fine: int = 20) -> Part:
    """Return an ellipsoid that one bone moves."""
    x, y, z = radii
    profile = []
    for polar in np.linspace(0.04, np.pi - 0.04, fine):
        angles = np.linspace(0, 2 * np.pi, fine * 2, endpoint=False)
        ring = np.stack([np.cos(angles) * np.sin(polar) * x, np.full_like(angles, np.cos(polar) * y),
                         np.sin(angles) * np.sin(polar) * z], axis=1)  # fmt: skip
        profile.append(ring + np.array(centre))
    part = rings(profile, [((bone, 1.0),)] * fine, material)
    part.triangles = part.triangles[:, ::-1]
    return outward(part, centre)


def outward(part: Part, centre: Sequence[float]) -> Part:
    """Turn a part's triangles so that they look away from a point; return the part."""
    facing = ((part.points - np.array(centre)) * part.normals).sum()
    if facing < 0:
        part.triangles = part.triangles[:, ::-1]
    return part


def disc(centre: Sequence[float], radii: Sequence[float], bone: str, material: str, around: int = 24) -> Part:
    """Return a flat ellipse that looks to the front (+z)."""
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    rim = np.stack([np.cos(angles) * radii[0], np.sin(angles) * radii[1], np.zeros(around)], axis=1) + np.array(centre)
    points = np.concatenate([rim, [np.array(centre, dtype=float)]])
    triangles = np.array([(around, n, (n + 1) % around) for n in range(around)])
    return Part(points, triangles, [((bone, 1.0),)] * len(points), material)
