"""Reading one city's configuration: every fault at once, each with file, key, value and what is allowed."""
