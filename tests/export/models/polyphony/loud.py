"""Models that say something."""

import torch


def loud(model, factor=8.0):
    """The model with larger weights: what it hears shows in what it says."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(factor)
    return model.eval()
