"""What keeps feeds going: supervisor, health, delivery, back-off."""
