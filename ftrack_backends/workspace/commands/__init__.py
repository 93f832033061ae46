"""Sub-commands of `ftrack` around the workspace; each module is light and imports what it needs when it runs."""
