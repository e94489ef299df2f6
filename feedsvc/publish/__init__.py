"""The verb *publish*: what changed in the store becomes files in the published folder."""

from feedsvc.publish.documents import Limits
from feedsvc.publish.publisher import Publication, Publisher

__all__ = ["Limits", "Publication", "Publisher"]
