"""The parts of the script that draws the fictional demo city."""
