"""A day of boards, feeds and people with Locust: `python3 -m loadtests.day`."""
