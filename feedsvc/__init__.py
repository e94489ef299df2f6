"""feedsvc: drop a text file into a folder, read it in every feed reader."""

__version__ = "0.1.0"
