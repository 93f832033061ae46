"""The embedded, ftrack-compatible workspace on SQLite."""
