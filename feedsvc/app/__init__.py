"""The composition root: use cases that join settings, store, inbox and published folder, one module for each kind."""
