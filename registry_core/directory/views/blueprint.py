"""The blueprint that all views of the directory hang on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("directory", __name__)
