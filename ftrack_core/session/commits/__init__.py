"""From what threads record to what the server has: operations, batches, commits and rollbacks."""
