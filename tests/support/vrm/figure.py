"""The figure: its bones, its shapes in metres (facing +z, y up, her left is +x), and what each expression moves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from tests.support.vrm.shapes import Array, Part, Weights, ball, disc, outward, tube

#: Colours, linear; a fourth value: no light falls on it.
MATERIALS: dict[str, tuple[float, ...]] = {
    "skin": (0.98, 0.80, 0.70), "dress": (0.16, 0.22, 0.46), "collar": (0.93, 0.93, 0.98), "hair": (0.42, 0.20, 0.16),
    "white": (0.98, 0.98, 1.0, 1), "iris": (0.06, 0.36, 0.42, 1), "pupil": (0.01, 0.03, 0.06, 1),
    "lash": (0.05, 0.02, 0.03, 1), "brow": (0.22, 0.09, 0.07, 1), "lips": (0.45, 0.07, 0.09, 1),
    "light": (1, 1, 1, 1), "bow": (0.75, 0.16, 0.26),
}  # fmt: skip
#: The head was drawn so much too high, in metres.
_DROP = 0.03
FINGERS = ("Index", "Middle", "Ring", "Little")


def _bones() -> dict[str, tuple[str | None, tuple[float, float, float]]]:
    out: dict[str, tuple[str | None, tuple[float, float, float]]] = {
        "root": (None, (0, 0, 0)), "hips": ("root", (0, 0.86, 0)), "spine": ("hips", (0, 0.95, 0)),
        "chest": ("spine", (0, 1.05, 0)), "upperChest": ("chest", (0, 1.15, 0)),
        "neck": ("upperChest", (0, 1.29, -0.01)),
        "head": ("neck", (0, 1.36, 0)),
    }  # fmt: skip
    for side, s in (("left", 1), ("right", -1)):
        out |= {
            f"{side}Eye": ("head", (s * 0.042, 1.455, 0.03)),
            f"{side}Shoulder": ("upperChest", (s * 0.03, 1.245, 0)),
            f"{side}UpperArm": (f"{side}Shoulder", (s * 0.115, 1.245, 0)),
            f"{side}LowerArm": (f"{side}UpperArm", (s * 0.335, 1.245, 0)),
            f"{side}Hand": (f"{side}LowerArm", (s * 0.54, 1.245, 0)),
            f"{side}ThumbMetacarpal": (f"{side}Hand", (s * 0.555, 1.24, 0.02)),
            f"{side}ThumbProximal": (f"{side}ThumbMetacarpal", (s * 0.575, 1.24, 0.036)),
            f"{side}ThumbDistal": (f"{side}ThumbProximal", (s * 0.595, 1.24, 0.048)),
            f"{side}UpperLeg": ("hips", (s * 0.075, 0.82, 0)),
            f"{side}LowerLeg": (f"{side}UpperLeg", (s * 0.075, 0.45, 0)),
            f"{side}Foot": (f"{side}LowerLeg", (s * 0.075, 0.07, 0)),
        }  # fmt: skip
        for n, finger in enumerate(FINGERS):
            z, reach = 0.027 - 0.018 * n, (0.0, 0.006, 0.0, -0.012)[n]
            out |= {
                f"{side}{finger}Proximal": (f"{side}Hand", (s * (0.615 + reach / 2), 1.245, z)),
                f"{side}{finger}Intermediate": (f"{side}{finger}Proximal", (s * (0.64 + reach), 1.245, z)),
                f"{side}{finger}Distal": (f"{side}{finger}Intermediate", (s * (0.66 + reach), 1.245, z)),
            }
        for n, y in enumerate((1.52, 1.38, 1.24, 1.10, 0.96)):
            parent = "head" if n == 0 else f"lock{side}{n - 1}"
            out[f"lock{side}{n}"] = (parent, (s * (0.112 + 0.012 * n), y, -0.015))
            parent = "head" if n == 0 else f"lockback{side}{n - 1}"
            out[f"lockback{side}{n}"] = (parent, (s * 0.045, y, -0.105 - 0.008 * n))
    return {name: (parent, (x, y - _DROP if _is_head(name) else y, z)) for name, (parent, (x, y, z)) in out.items()}


def _is_head(bone: str) -> bool:
    return bone == "head" or bone.endswith("Eye") or bone.startswith("lock")


BONES = _bones()
HAIR = [[f"{kind}{side}{n}" for n in range(5)] for kind in ("lock", "lockback") for side in ("left", "right")]
#: The shapes of the face, in the order of the file.
EXPRESSIONS = (
    "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "angry", "sad", "relaxed", "surprised",
    "smirk",
)  # fmt: skip
_MOUTH, _EYE_Y = (0.0, 1.395, 0.104), 1.455


def _between(a: str, b: str, share: float) -> Weights:
    return ((a, 1 - share), (b, share))


def body_parts() -> list[Part]:
    """Return trunk, arms, hands, legs and the locks that swing."""
    trunk = [(0.80, 0.150, 0.12), (0.86, 0.132, 0.10), (0.93, 0.098, 0.078), (0.99, 0.088, 0.07), (1.06, 0.100, 0.085),
             (1.13, 0.116, 0.098), (1.19, 0.118, 0.088), (1.235, 0.100, 0.07), (1.265, 0.062, 0.052)]  # fmt: skip
    spine = [("hips", 0.0), ("hips", 0.86), ("spine", 0.95), ("chest", 1.05), ("upperChest", 1.15), ("upperChest", 9.0)]

    def weights(y: float) -> Weights:
        for (low, at), (high, above) in pairwise(spine):
            if at <= y < above:
                return ((low, 1.0),) if low == high else _between(low, high, (y - at) / (above - at))
        return (("upperChest", 1.0),)

    parts = [
        tube([(0, y, 0) for y, *_ in trunk], [(w, d) for _, w, d in trunk], [weights(y) for y, *_ in trunk],
             "dress", 28),
        tube([(0, y, z) for y, z in ((1.24, 0), (1.29, -0.004), (1.40, 0))], [0.040, 0.030, 0.030],
             [(("upperChest", 1.0),), (("neck", 1.0),), (("head", 1.0),)], "skin"),
        tube([(0, 1.255, 0), (0, 1.285, 0.002)], [(0.072, 0.06), (0.05, 0.046)],
             [(("upperChest", 1.0),), _between("upperChest", "neck", 0.5)], "collar", 24),
        ball((0.026, 1.225, 0.088), (0.028, 0.018, 0.012), "upperChest", "bow", 10),
        ball((-0.026, 1.225, 0.088), (0.028, 0.018, 0.012), "upperChest", "bow", 10),
        ball((0, 1.225, 0.094), (0.012, 0.012, 0.012), "upperChest", "collar", 10),
        tube([(0, y, 0) for y in (0.86, 0.74, 0.60)], [(0.13, 0.10), (0.20, 0.16), (0.26, 0.21)],
             [(("hips", 1.0),)] * 3, "dress", 28),
    ]  # fmt: skip
    for side, s in (("left", 1), ("right", -1)):
        parts += _arm(side, s) + _locks(side, s)
        leg = [(f"{side}UpperLeg", 1.0)], [(f"{side}LowerLeg", 1.0)]
        parts.append(tube([(s * 0.075, y, 0) for y in (0.84, 0.46, 0.44, 0.06)], [0.07, 0.05, 0.05, 0.035],
                          [leg[0], leg[0], leg[1], leg[1]], "skin"))  # fmt: skip
    return parts


def _arm(side: str, s: int) -> list[Part]:
    shoulder, upper, lower, hand = (f"{side}{bone}" for bone in ("Shoulder", "UpperArm", "LowerArm", "Hand"))
    xs = (0.07, 0.115, 0.16, 0.22, 0.28, 0.32, 0.35, 0.40, 0.46, 0.50)
    radii = (0.045, 0.047, 0.046, 0.041, 0.038, 0.036, 0.036, 0.036, 0.034, 0.034)
    weights: list[Weights] = [
        _between(shoulder, upper, 0.2), _between(shoulder, upper, 0.6), *[((upper, 1.0),)] * 3,
        _between(upper, lower, 0.3), _between(upper, lower, 0.7), *[((lower, 1.0),)] * 3,
    ]  # fmt: skip
    y = 1.245
    parts = [
        tube([(s * x, y, 0) for x in xs], radii, weights, "dress"),
        tube([(s * 0.50, y, 0), (s * 0.515, y, 0)], [0.037, 0.037], [((lower, 1.0),)] * 2, "collar"),
        tube([(s * 0.505, y, 0), (s * 0.54, y, 0), (s * 0.575, y, 0), (s * 0.612, y, 0)],
             [(0.021, 0.021), (0.017, 0.026), (0.016, 0.036), (0.012, 0.036)],
             [((lower, 1.0),), _between(lower, hand, 0.5), ((hand, 1.0),), ((hand, 1.0),)], "skin"),
    ]  # fmt: skip
    for finger in (*FINGERS, "Thumb"):
        joints = [f"{side}{finger}{j}" for j in (
            ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
        )]  # fmt: skip
        points = [np.array(BONES[j][1]) for j in joints]
        tip = points[2] + (points[2] - points[1]) * 0.9
        path = [points[0] - (points[1] - points[0]) * 0.5, points[0], points[1], points[2], tip]
        held: list[Weights] = [((hand, 1.0),), ((joints[0], 1.0),), _between(joints[0], joints[1], 0.5),
                               _between(joints[1], joints[2], 0.5), ((joints[2], 1.0),)]  # fmt: skip
        parts.append(tube([p.tolist() for p in path], [0.0085, 0.0088, 0.0084, 0.0076, 0.005], held, "skin", 10))
    return parts


def _locks(side: str, s: int) -> list[Part]:
    out = []
    for kind, (wide, deep) in (("lock", (0.026, 0.03)), ("lockback", (0.075, 0.03))):
        names = [f"{kind}{side}{n}" for n in range(5)]
        points = [BONES[name][1] for name in names]
        tip = (points[4][0] + s * 0.01, points[4][1] - 0.1, points[4][2])
        radii = [(wide * k, deep * k) for k in (0.25, 0.8, 1, 0.9, 0.65, 0.08)]
        weights: list[Weights] = [(("head", 1.0),), *((((name, 1.0),)) for name in names)]
        out.append(tube([*points, tip], radii, weights, "hair"))
    return out


def _towards(centre: tuple[float, float, float], x: float = 1, y: float = 1, bend: float = 0.0,
             shift: tuple[float, float, float] = (0, 0, 0)) -> Callable[[Array], Array]:  # fmt: skip
    """Return a change: stretched about a centre, its sides bent up by ``bend`` (m), then shifted."""

    def change(points: Array) -> Array:
        out = points - np.array(centre)
        width = max(1e-6, float(np.abs(out[:, 0]).max()))
        up = bend * (out[:, 0] / width) ** 2
        out = out * np.array([x, y, 1.0])
        out[:, 1] += up
        return np.asarray(out + np.array(centre) + np.array(shift))

    return change


def face_parts() -> list[Part]:
    """Return the head and all that expressions move."""
    head = ball((0, 1.465, 0.0), (0.098, 0.118, 0.108), "head", "skin", 30)
    below = np.clip((1.465 - head.points[:, 1]) / 0.118, 0, 1)
    head.points[:, 0] *= 1 - 0.42 * below**1.6
    head.points[:, 2] = np.where(
        head.points[:, 2] > 0, head.points[:, 2] * (1 - 0.06 * below), head.points[:, 2] * (1 - 0.45 * below)
    )
    parts = [head, *_mouth(), *_hair()]
    for side, s in (("left", 1), ("right", -1)):
        parts += _eye(side, s)
        parts.append(ball((s * 0.094, 1.44, -0.005), (0.012, 0.026, 0.02), "head", "skin", 8))
    for part in parts:
        part.points[:, 1] -= _DROP
    return parts


#: Half a mouth's width and height, how far its corners rise, and how far it sinks, in metres.
_MOUTHS: dict[str, tuple[float, float, float, float]] = {
    "aa": (0.021, 0.016, 0.001, 0.010), "ih": (0.026, 0.007, 0.002, 0.003), "ou": (0.009, 0.009, 0.0, 0.004),
    "ee": (0.025, 0.010, 0.001, 0.005), "oh": (0.014, 0.015, 0.0, 0.008), "happy": (0.027, 0.003, 0.010, 0.003),
    "sad": (0.017, 0.0016, -0.007, -0.003), "angry": (0.019, 0.002, -0.008, -0.003),
    "surprised": (0.011, 0.012, 0.0, 0.005),
}  # fmt: skip


def _mouth() -> list[Part]:
    parts = []
    for material, share, z in (("lips", 1.0, 0.0), ("bow", 0.55, 0.0015)):

        def shape(wide: float, high: float, corners: float, sink: float, part: Part, share: float = share) -> Array:
            x, y = part.points[:, 0], part.points[:, 1]
            inner = 0.0 if share == 1 else -0.45 * high
            return np.stack([x * wide * share, _MOUTH[1] + y * high * share + corners * x * x - sink + inner,
                             part.points[:, 2]], axis=1)  # fmt: skip

        unit = disc((0.0, 0.0, _MOUTH[2] + z), (1.0, 1.0), "head", material)
        still = shape(0.020, 0.0013 if share == 1 else 0.0004, 0.004, 0.0, unit)
        morphs = {name: shape(*values, unit) - still for name, values in _MOUTHS.items()}
        part = Part(still, unit.triangles, unit.weights, material, morphs)
        part.morph("smirk", lambda p: p + np.stack([0 * p[:, 0], np.clip(p[:, 0], 0, 1) * 0.4, 0 * p[:, 0]], 1))
        parts.append(part)
    return parts


def _eye(side: str, s: int) -> list[Part]:
    centre = (s * 0.042, _EYE_Y, 0.0935)
    shut = (s * 0.042, _EYE_Y - 0.013, 0.0935)
    white = ball(centre, (0.0275, 0.0265, 0.006), "head", "white", 12)
    eye = f"{side}Eye"
    iris = ball((s * 0.042, _EYE_Y - 0.001, 0.0975), (0.0185, 0.0240, 0.004), eye, "iris", 12)
    pupil = ball((s * 0.042, _EYE_Y, 0.1005), (0.0090, 0.0135, 0.003), eye, "pupil", 10)
    glint = ball((s * 0.042 - 0.007, _EYE_Y + 0.0105, 0.1035), (0.0052, 0.0060, 0.002), eye, "light", 8)
    parts = [white, iris, pupil, glint]
    lash = tube([(s * (0.042 + x), _EYE_Y + 0.0262 - 12 * x * x, 0.0985 - 9 * abs(x + 0.002) ** 2) for x in
                 (-0.028, -0.018, -0.007, 0.006, 0.017, 0.030)],
                [0.0010, 0.0022, 0.0028, 0.0030, 0.0030, 0.0012], [(("head", 1.0),)] * 6, "lash", 8)  # fmt: skip
    outward(lash, (s * 0.042, _EYE_Y + 0.02, 0.095))
    for name in ("blink", f"blink{side.title()}"):
        for part in parts:
            part.morph(name, _towards(shut, 1, 0.02))
        lash.morph(name, _towards((s * 0.042, _EYE_Y + 0.020, 0.0985), 1, -0.6, 0, (0, -0.034, 0.004)))
    for part in parts:
        part.morph("happy", _towards((s * 0.042, _EYE_Y + 0.004, 0.0935), 1, 0.72))
        part.morph("relaxed", _towards(shut, 1, 0.7))
        part.morph("surprised", _towards(centre, 1.05, 1.12))
    lash.morph("happy", lambda p: p + np.array([0, -0.004, 0.001]))
    lash.morph("relaxed", lambda p: p + np.array([0, -0.010, 0.002]))
    lash.morph("surprised", lambda p: p + np.array([0, 0.004, 0]))
    brow = tube([(s * (0.042 + x), 1.507 - 5 * (x - 0.002) ** 2, 0.0965 - 8 * x * x)
                 for x in (-0.024, -0.008, 0.01, 0.026)],
                [0.0012, 0.0028, 0.0026, 0.001], [(("head", 1.0),)] * 4, "brow", 8)  # fmt: skip
    outward(brow, (s * 0.042, 1.503, 0.09))

    def tilted(inner: float, outer: float) -> Callable[[Array], Array]:
        def change(points: Array) -> Array:
            share = (s * points[:, 0] - 0.018) / 0.05
            lift = inner + (outer - inner) * share
            return np.asarray(points + np.stack([np.zeros(len(points)), lift, np.full(len(points), 0.001)], 1))

        return change

    for name, inner, outer in (("angry", -0.016, 0.008), ("sad", 0.010, -0.010), ("surprised", 0.014, 0.014),
                               ("happy", 0.006, 0.004), ("relaxed", 0.002, -0.003)):  # fmt: skip
        brow.morph(name, tilted(inner, outer))
    return [*parts, lash, brow]


def _hair() -> list[Part]:
    cap = ball((0, 1.478, -0.012), (0.112, 0.128, 0.122), "head", "hair", 28)
    at = cap.points[cap.triangles].mean(axis=1)
    # Open where the face is.
    cap.triangles = cap.triangles[~((at[:, 2] > 0.02) & (at[:, 1] < 1.535)) & (at[:, 1] > 1.37)]
    out = [cap]
    for n, x in enumerate((-0.088, -0.062, -0.034, -0.006, 0.022, 0.050, 0.080)):
        tip = (
            x * 1.04 + 0.006 * (-1) ** n,
            1.492 - 0.016 * (n % 2) - 2.4 * x * x - (0.02 if abs(x) > 0.07 else 0),
            0.118 - 3.4 * x * x,
        )
        path = [
            (x * 0.45, 1.578, 0.045),
            (x * 0.8, 1.560, 0.088 - 2.6 * x * x),
            (x * 0.97, 1.532, 0.114 - 3.2 * x * x),
            tip,
        ]
        strand = tube(
            path, [(0.004, 0.004), (0.020, 0.012), (0.019, 0.008), (0.001, 0.001)], [(("head", 1.0),)] * 4, "hair", 12
        )
        out.append(strand)
    return out
