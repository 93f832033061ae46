"""`ftrack doctor`: everything that a session stands on, looked at step by step.

How to read it: `_command` is what a person types, `_examination` goes through the checks, one file a group, and
`_report` prints. A backend that can say how it is (`IDiagnosed`) is asked; what follows from the contracts of the
seams is tried here. `_limits` keeps a step from hanging, and `_mask` keeps secrets out of what is told.
"""

from __future__ import annotations

from ftrack_core.cli.doctor._command import DoctorCommand, command

__all__ = ["DoctorCommand", "command"]
