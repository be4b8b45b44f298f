"""The wall of a city's command centre. Importing this package needs nothing but the standard library."""

__version__ = "0.1.0"
