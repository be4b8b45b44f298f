"""What cameras say by ONVIF: events pulled from each (pull.py), or published to a broker (published.py)."""
