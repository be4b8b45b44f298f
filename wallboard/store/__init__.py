"""Redis: the streams that come in, the commits that go out, and the embedded server."""
