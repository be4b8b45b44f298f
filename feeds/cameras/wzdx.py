"""Cameras of a WZDx device feed (usdot-jpo-ode/wzdx, DeviceFeed 4.2), the one open standard that has them.

Arrow boards, signs and sensors of the same feed are no cameras and are left out. What does not say which it
is may be any camera known: it has no identity here, so that nobody is declared gone. `image_url` is a still
picture. "warning" is a device that works and complains: neither online nor offline, its word is shown.
The standard's own example has its coordinates exchanged; they are marked, never mended.
"""

from __future__ import annotations

from feeds.reading.mapping import Mapping

DEVICE_FEED = Mapping(
    format="json",
    records="features[?properties.core_details.device_type == 'camera'"
    " || !(properties.core_details.device_type)]",
    fields={
        "id": "properties.core_details.device_type && id",
        "name": "properties.core_details.device_type"
        " && (properties.core_details.name || properties.core_details.description)",
        "lon": "geometry.coordinates[0]",
        "lat": "geometry.coordinates[1]",
        "status": "properties.core_details.device_status",
        "address": "properties.core_details.road_names",
        "updated": "properties.core_details.update_date",
        "snapshot": "properties.image_url",
    },
)
