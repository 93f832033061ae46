"""Seeds: the rows that a workspace begins with.

A seed is a TOML file (or the mapping that such a file makes): tables named after entity types hold rows, and short
forms (`show`, `project_schema`) stand for many. `base.toml` shows how it is written; every workspace has it, before
whatever its own seed adds. Two seeds come with the package: `empty` (one user and nothing else) and `demo` (a small
show).

`_seed` reads a file into rows, `_short_forms` knows what stands for many, `_names` finds rows by name, `_planting`
writes them, by the very code that clients' batches go through, and keeps an image so that the next workspace of a
process opens in no time.
"""

from __future__ import annotations

from ftrack_backends.workspace.seeds._planting import planted_file, planted_store, seed_users
from ftrack_backends.workspace.seeds._seed import Seed

__all__ = ["Seed", "planted_file", "planted_store", "seed_users"]
