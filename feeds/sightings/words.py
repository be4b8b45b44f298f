"""Our words for what recorders and cameras call what they see."""

from __future__ import annotations

from wallboard.events import SeenWord

#: Labels of the detectors' models (COCO's, as Frigate writes them, and makers' own).
LABELS: dict[str, SeenWord] = {
    **dict.fromkeys(("person", "face", "human", "pedestrian", "people", "humanface"), "person"),
    **dict.fromkeys(
        (
            "car", "truck", "bus", "motorcycle", "motorbike", "bicycle", "bike", "vehicle", "license_plate",
            "licenseplate", "train", "boat", "van",
        ),
        "vehicle",
    ),
    **dict.fromkeys(("dog", "cat", "bird", "horse", "cow", "sheep", "animal", "bear", "deer"), "animal"),
}  # fmt: skip


def word_of_label(label: str) -> SeenWord:
    """Our word for a detector's label; what we have none for is an object."""
    return LABELS.get(label.strip().casefold(), "object")
