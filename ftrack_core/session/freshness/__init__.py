"""How old what a session serves may be: scopes of fresh reading, and what events make stale."""
