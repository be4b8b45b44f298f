"""What comes through an MQTT broker."""
