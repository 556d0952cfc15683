"""A living estate: small models that are trained, serve what their pointer says, and go wrong when the world does."""
