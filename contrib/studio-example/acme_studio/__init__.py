"""The Acme studio's ftrack: what every session of the studio has, as soon as this package is installed.

Nothing is imported here, since each session that starts imports it.
"""
