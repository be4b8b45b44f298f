"""Notices that leave the house: from the outbox to webhooks, e-mail and MQTT, at least once.

The engine writes a notice into `{c}:outbox` with the commit that made it due; `sender.py` takes it from there
and deletes it only when every receiver has confirmed. docs/notify.md tells receivers what they get.
"""
