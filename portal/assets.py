"""Built front-end files for templates: their hashed addresses, the icon sprite, and how they are served."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for
from markupsafe import Markup, escape

from portal.compression import install_compression

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "static" / "dist"
ICONS = ROOT / "static" / "build" / "icons.json"
ENCODINGS = {"br": ".br", "gzip": ".gz"}


class AssetsMissing(RuntimeError):
    """The front end has not been built, or does not hold what a template asks for."""


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files: manifest.json maps a logical name to the file with the hash in its name."""

    directory: Path
    files: dict[str, str]
    icons: frozenset[str]

    @classmethod
    def load(cls, directory: Path = DIST) -> Assets:
        """Read the manifest.

        Raises AssetsMissing.
        """
        manifest = directory / "manifest.json"
        if not manifest.is_file():
            raise AssetsMissing(f"{manifest} is missing: run `npm ci` and `npm run build` (./desk up does both).")
        return cls(directory, json.loads(manifest.read_text("utf-8")), frozenset(json.loads(ICONS.read_text("utf-8"))))

    def asset(self, name: str) -> str:
        """Give the address of a built file by its logical name, `app.css`.

        Raises AssetsMissing.
        """
        if name not in self.files:
            raise AssetsMissing(f"{name} was not built; there are: {', '.join(sorted(self.files))}.")
        return url_for("static", filename=self.files[name])

    def icon(self, name: str, label: str | None = None) -> Markup:
        """Draw an icon of the sprite; without a label it is hidden from screen readers.

        Raises AssetsMissing.
        """
        if name not in self.icons:
            raise AssetsMissing(f"No icon {name}: add its Tabler name to {ICONS.name} and build again.")
        told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(
            told, self.asset("icons.svg"), escape(name)
        )

    def serve_worker(self) -> Response:
        """Send the service worker: under an address that stays, at the root, since it may look after no page above it.

        The browser compares it byte by byte and takes a changed one, so nothing in between may keep an old one.
        """
        response = self.serve(self.files["push-worker.js"])
        response.headers["Cache-Control"] = "no-cache"
        return response

    def serve(self, filename: str) -> Response:
        """Send a built file, compressed ahead of time where the browser takes it; a hashed name never changes."""
        taken = (name for name in ENCODINGS if request.accept_encodings[name])
        best = next((name for name in taken if (self.directory / f"{filename}{ENCODINGS[name]}").is_file()), None)
        response = send_from_directory(self.directory, f"{filename}{ENCODINGS[best]}" if best else filename)
        if best:
            response.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            response.headers["Content-Encoding"] = best
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install_assets(app: Flask) -> None:
    """Give templates `asset` and `icon`, serve `/static/`, compress pages; make the app with `static_folder=None`."""
    assets = Assets.load()
    install_compression(app)
    app.add_url_rule("/static/<path:filename>", "static", assets.serve)
    app.add_url_rule("/push-worker.js", "push_worker", assets.serve_worker)
    app.jinja_env.globals.update(asset=assets.asset, icon=assets.icon)
