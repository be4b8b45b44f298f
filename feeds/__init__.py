"""Where the city's data comes in: one file a source, each a pure `parse` and a thin fetch."""
