"""Results of queries, and the walks that bring their rows."""
