"""The one writer: events in, commits out."""
