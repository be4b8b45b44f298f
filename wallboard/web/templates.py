"""The templates of all pages, and the addresses of their files."""

from __future__ import annotations

from pathlib import Path

from starlette.templating import Jinja2Templates

from wallboard.web.assets import Assets

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"

assets = Assets()
templates = Jinja2Templates(TEMPLATES)
templates.env.globals["asset"] = assets.url
templates.env.globals["modules"] = assets.modules
templates.env.globals["styles"] = assets.styles
