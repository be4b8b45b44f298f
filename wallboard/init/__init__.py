"""A city's first configuration, made from its boundaries: the `init` command.

`reading` opens the files, `properties` finds out how they name their districts, `codes` knows BPS' and
Kemendagri's numbers, `areas` makes rows of one form of them, `nesting` finds parents by area, `feed_tables`
and `document` write `city.toml`, `asking` asks at a terminal, `command` does one after the other.
"""
