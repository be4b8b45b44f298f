"""The Indonesian weather and earthquake office."""
