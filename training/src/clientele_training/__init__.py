"""Trains Clientele's segment, churn and value models from feature snapshots."""

__version__ = "0.1.0"
