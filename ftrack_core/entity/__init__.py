"""Entities, their collections and lazily built types; they see their session only as `IEntityContext`."""

from __future__ import annotations

from ftrack_core.entity import _inspection as inspection
from ftrack_core.entity._cohort import Cohort
from ftrack_core.entity._collections import Collection
from ftrack_core.entity._entity import Entity
from ftrack_core.entity._identity_map import IdentityMap
from ftrack_core.entity._mapped import MappedCollection
from ftrack_core.entity._plan import ENTITY_TYPE, TypePlan
from ftrack_core.entity._scalar_values import fit_scalar
from ftrack_core.entity._sparse import SparseCustomAttributes
from ftrack_core.entity._splitting import SplitPage, split_results, split_rows
from ftrack_core.entity._types import build_type, mixin

__all__ = [
    "ENTITY_TYPE",
    "Cohort",
    "Collection",
    "Entity",
    "IdentityMap",
    "MappedCollection",
    "SparseCustomAttributes",
    "SplitPage",
    "TypePlan",
    "build_type",
    "fit_scalar",
    "inspection",
    "mixin",
    "split_results",
    "split_rows",
]
