"""The ftrack session as a framework."""
