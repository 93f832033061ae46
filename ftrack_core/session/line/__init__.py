"""The line to the server: batches out, results back, and what is counted on it."""
