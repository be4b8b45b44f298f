"""How documents are fetched: within limits, and only from where they may come."""
