"""The last recipe, kept between sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pfstudio.core.errors import InputError
from pfstudio.core.paths import config_folder
from pfstudio.core.requests import GenerateRequest
from pfstudio.core.settings import read_document
from pfstudio.ui.language import tr, tr_sentence
from pfstudio.ui.recipe.model import Recipe

VERSION = 1


def recipe_path() -> Path:
    """Where the last recipe is kept."""
    return config_folder() / "recipe.json"


def stored_recipe(recipe: Recipe) -> tuple[Path, int, dict[str, Any]]:
    """A recipe as a document: where it is stored, its version and its data."""
    data = {
        "request": recipe.request.to_json(),
        "budget": recipe.budget,
        "keep_seed": recipe.keep_seed,
    }
    return recipe_path(), VERSION, data


def load_recipe() -> tuple[Recipe | None, str]:
    """The last recipe (None if there is none), and a sentence if it could not be used."""
    data, notice = read_document(recipe_path(), VERSION)
    if "request" not in data:
        return None, notice
    try:
        request = GenerateRequest.from_json(data["request"])
    except InputError as error:
        return None, tr("The last recipe cannot be used: {error}", error=tr_sentence(error))
    budget = data.get("budget")
    budget = budget if type(budget) is int else None
    return Recipe(request, budget, bool(data.get("keep_seed")), request.paint), ""
