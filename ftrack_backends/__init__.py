"""Backends for ftrack_core, found through entry points; one folder a seam, and the embedded workspace."""
