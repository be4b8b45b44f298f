"""A day in a city that does not exist, told by the city's own sources.

Nothing here speaks to the wall. Each simulated source says what a real one would say, in a real one's format,
and the adapters of the configuration read it over `url = "sim:NAME"` instead of a network: same visits, same
parse, same health. What a source says follows from the script, the seed and the time alone.
"""

from feeds.scenario.play import SCHEME, playing
from feeds.scenario.scenario import Scenario

__all__ = ["SCHEME", "Scenario", "playing"]
