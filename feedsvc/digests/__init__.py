"""The verb *digests*: who is owed which mail, and when."""
