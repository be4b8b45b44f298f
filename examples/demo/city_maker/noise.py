"""Random numbers and smooth noise that are the same on every machine and Python version."""

import random

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A power of two, so that lattice numbers wrap with a mask; no field here spans more cells at its finest.
LATTICE = 128


class Noise:
    """Smooth value noise in [-1, 1] over the plane, from products and sums only.

    No sine and no square root: IEEE arithmetic gives the same bits everywhere, so borders that
    follow the noise do not change with the processor.
    """

    def __init__(self, seed: int, wavelength: float, octaves: int = 3) -> None:
        rng = random.Random(seed)  # noqa: S311 - a drawing, not a secret
        values = [rng.random() * 2 - 1 for _ in range(LATTICE * LATTICE)]
        self._table = np.array(values, dtype=np.float64).reshape(LATTICE, LATTICE)
        self._wavelength = wavelength
        self._octaves = octaves

    def at(self, x: Floats, y: Floats) -> Floats:
        """The noise at points given in metres."""
        total = np.zeros_like(x)
        amplitude, size, norm = 1.0, self._wavelength, 0.0
        for octave in range(self._octaves):
            # the offset keeps the octaves' lattices from lying on one another
            total += amplitude * self._single(x / size + 37.0 * octave, y / size + 91.0 * octave)
            norm += amplitude
            amplitude, size = amplitude / 2, size / 2
        return total / norm

    def _single(self, x: Floats, y: Floats) -> Floats:
        x0, y0 = np.floor(x), np.floor(y)
        fx, fy = x - x0, y - y0
        sx, sy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
        ix, iy = x0.astype(np.int64) & (LATTICE - 1), y0.astype(np.int64) & (LATTICE - 1)
        jx, jy = (ix + 1) & (LATTICE - 1), (iy + 1) & (LATTICE - 1)
        table = self._table
        low = table[ix, iy] * (1 - sx) + table[jx, iy] * sx
        high = table[ix, jy] * (1 - sx) + table[jx, jy] * sx
        return np.asarray(low * (1 - sy) + high * sy, dtype=np.float64)
