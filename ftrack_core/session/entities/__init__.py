"""The entity types of a session, and what its entities see of it."""
