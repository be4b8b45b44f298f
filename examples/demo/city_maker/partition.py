"""Districts grown over the mesh from their seeds, stopping where rivers and roads stop people."""

import heapq
from dataclasses import dataclass

import numpy as np

from .mesh import Mesh
from .noise import Floats, Noise

# What it costs, in metres of walk, to cross a barrier: on the upper level, on the lower level.
CROSSING = {
    "river": (15000.0, 6000.0), "canal": (5000.0, 3000.0), "toll": (2600.0, 1700.0),
    "stream": (1500.0, 1000.0), "creek": (0.0, 900.0),
    "ring": (2300.0, 900.0), "rail": (1300.0, 700.0), "coastal": (300.0, 700.0), "arterial": (1300.0, 800.0),
    "collector": (350.0, 420.0), "": (0.0, 0.0),
}  # fmt: skip
UPPER, LOWER = 0, 1
TIDY_ROUNDS = 4
HOLD_BACK = 350.0  # metres a round, for a district of twice the even share


@dataclass(frozen=True)
class Growth:
    """What growing needs to know of the mesh: cost of each step, mass of each cell."""

    mesh: Mesh
    steps: tuple[list[list[tuple[int, float]]], list[list[tuple[int, float]]]]  # by level
    mass: Floats


def make_growth(mesh: Mesh, mass_per_area: Floats, seed: int) -> Growth:
    """Costs of all steps, roughened by noise, so that a border over open ground wanders."""
    rough = 1.0 + 0.75 * Noise(seed, 1100.0, octaves=3).at(mesh.x, mesh.y)
    # on the lower level dense ground costs more, so that districts there stay small
    ground = (rough, rough * np.sqrt(mass_per_area))
    steps = ([], [])  # type: tuple[list[list[tuple[int, float]]], list[list[tuple[int, float]]]]
    for level in (UPPER, LOWER):
        for k, around in enumerate(mesh.neighbours):
            row = []
            for other, kind in around:
                dx, dy = float(mesh.x[k] - mesh.x[other]), float(mesh.y[k] - mesh.y[other])
                walk = (dx * dx + dy * dy) ** 0.5 * float(ground[level][k] + ground[level][other]) / 2
                row.append((other, walk + CROSSING[kind][level]))
            steps[level].append(row)
    return Growth(mesh, steps, mesh.area * mass_per_area)


def grow(
    growth: Growth, level: int, members: set[int], seeds: list[int], start: list[float] | None = None
) -> dict[int, int]:
    """Which seed (by its place in the list) reaches each member first; `start` is a handicap in metres."""
    steps = growth.steps[level]
    home = {cell: k for k, cell in enumerate(seeds)}
    label: dict[int, int] = {}
    heap = [(start[k] if start else 0.0, k, cell) for k, cell in enumerate(seeds)]
    heapq.heapify(heap)
    while heap:
        cost, k, cell = heapq.heappop(heap)
        if cell in label or home.get(cell, k) != k:
            continue
        label[cell] = k
        for other, step in steps[cell]:
            if other in members and other not in label:
                heapq.heappush(heap, (cost + step, k, other))
    return label


def settle(growth: Growth, level: int, members: set[int], seeds: list[int], rounds: int) -> dict[int, int]:
    """Grow, move each seed to the middle of its people, hold back the large ones, and again.

    Of all rounds the one whose smallest district is largest is the answer.
    """
    start = [0.0] * len(seeds)
    best: dict[int, int] = {}
    best_least = -1.0
    for _ in range(rounds):
        label = grow(growth, level, members, seeds, start)
        groups: list[list[int]] = [[] for _ in seeds]
        for cell, k in label.items():
            groups[k].append(cell)
        mass = [float(growth.mass[np.array(group)].sum()) for group in groups]
        if min(mass) > best_least:
            best, best_least = label, min(mass)
        seeds = [_middle(growth, sorted(group)) for group in groups]
        even = sum(mass) / len(mass)
        start = [old + HOLD_BACK * min(1.0, part / even - 1) for old, part in zip(start, mass, strict=True)]
        start = [value - min(start) for value in start]
    return best


def tidy(mesh: Mesh, label: dict[int, int]) -> None:
    """Give single cells that poke into a neighbour to that neighbour, unless a barrier divides them.

    A cell changes hands only when its own district stays in one piece without it.
    """
    for _ in range(TIDY_ROUNDS):
        for cell, around in enumerate(mesh.neighbours):
            if all(label[other] == label[cell] for other, _ in around):
                continue
            votes: dict[int, int] = {}
            for other, kind in around:
                if not kind:
                    votes[label[other]] = votes.get(label[other], 0) + 1
            if not votes:
                continue
            best = max(sorted(votes), key=lambda name: votes[name])
            own = [other for other, _ in around if label[other] == label[cell]]
            if best == label[cell] or votes[best] <= votes.get(label[cell], 0):
                continue
            if len(own) == 1 or (
                len(own) == 2 and any(other == own[1] for other, _ in mesh.neighbours[own[0]])
            ):
                label[cell] = best


def spread_seeds(growth: Growth, members: list[int], count: int) -> list[int]:
    """Seeds far from one another: the middle first, then always the farthest cell, weighted by its mass."""
    mesh = growth.mesh
    cells = np.array(members)
    x, y = mesh.x[cells], mesh.y[cells]
    weight = np.sqrt(growth.mass[cells] / mesh.area[cells])
    seeds = [_middle(growth, members)]
    gap = np.full(len(cells), np.inf)
    while len(seeds) < count:
        last = seeds[-1]
        gap = np.minimum(gap, (x - mesh.x[last]) ** 2 + (y - mesh.y[last]) ** 2)
        seeds.append(int(cells[int(np.argmax(gap * weight))]))
    return seeds


def cell_at(mesh: Mesh, x: float, y: float) -> int:
    """The cell whose centre is nearest to a point."""
    return int(np.argmin((mesh.x - x) ** 2 + (mesh.y - y) ** 2))


def _middle(growth: Growth, cells: list[int]) -> int:
    picked = np.array(cells)
    mass = growth.mass[picked]
    x, y = growth.mesh.x[picked], growth.mesh.y[picked]
    cx, cy = float((x * mass).sum() / mass.sum()), float((y * mass).sum() / mass.sum())
    return int(picked[int(np.argmin((x - cx) ** 2 + (y - cy) ** 2))])
