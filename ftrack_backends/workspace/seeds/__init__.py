"""Seeds: the rows that a workspace begins with.

A seed is a TOML file (or the mapping that such a file makes): tables named after entity types hold rows, and short
forms (`show`, `project_schema`) stand for many. `base.toml` shows how it is written; every workspace has it, before
whatever its own seed adds. Two seeds come with the package: `empty` (one user and nothing else) and `demo` (a small
show).

`_seed` reads a file into rows, `_lines` knows where in it a thing is said, `_short_forms` knows what stands for many,
`_own_types` what a studio adds to the data model, `_names` finds rows by name or path, `_planting` writes them, by the
very code that clients' batches go through, and keeps an image: the next workspace of a process opens in no time.
"""

from __future__ import annotations

from ftrack_backends.workspace.seeds._aside import SeedAccounts
from ftrack_backends.workspace.seeds._own_types import Extension
from ftrack_backends.workspace.seeds._planting import (
    plant_more,
    planted_file,
    planted_store,
    seed_accounts,
    stored_extension,
)
from ftrack_backends.workspace.seeds._seed import Seed

__all__ = [
    "Extension",
    "Seed",
    "SeedAccounts",
    "plant_more",
    "planted_file",
    "planted_store",
    "seed_accounts",
    "stored_extension",
]
