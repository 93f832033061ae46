"""The live entities, and how rows and missing values come to them."""
