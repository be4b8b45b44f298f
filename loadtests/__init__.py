"""Measurements that stand behind the numbers in docs/: run by hand, never part of the tests."""
