"""The parts of a tune's plan: blends of styles, favourites, latent points as text."""
